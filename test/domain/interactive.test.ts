import { describe, expect, it } from "vitest";
import { interactiveProblems } from "../../src/domain/interactive.ts";
import type { Interactive } from "../../src/domain/outbound.ts";

const row = (id: string, more: object = {}) => ({ id, title: `Row ${id}`, ...more });
const long = (length: number) => "ä".repeat(length);
const buttons = (more: object = {}): Interactive => ({
  type: "buttons",
  text: "Is it solved?",
  buttons: [
    { id: "yes", title: "Yes" },
    { id: "no", title: "No" },
  ],
  ...more,
});
const list = (more: object = {}): Interactive => ({
  type: "list",
  text: "What is it about?",
  button: "Choose",
  sections: [{ rows: [row("1", { description: "Holes" }), row("2")] }],
  ...more,
});
const link = (more: object = {}): Interactive => ({
  type: "link",
  text: "Your report",
  label: "Open",
  url: "https://example.org/reports/7",
  ...more,
});

describe("a question that WhatsApp takes", () => {
  it.each<[string, Interactive]>([
    ["buttons", buttons()],
    [
      "buttons at every limit",
      buttons({
        text: long(1024),
        header: long(60),
        footer: long(60),
        buttons: [{ id: long(256), title: long(20) }],
      }),
    ],
    ["emoji count as one character each", buttons({ buttons: [{ id: "a", title: "👍".repeat(20) }] })],
    ["a list", list()],
    [
      "a list at every limit",
      list({
        text: long(4096),
        button: long(20),
        sections: [{ title: long(24), rows: [{ id: long(200), title: long(24), description: long(72) }] }],
      }),
    ],
    [
      "ten rows in two sections",
      list({
        sections: [
          { title: "A", rows: [1, 2, 3, 4, 5].map((n) => row(`a${n}`)) },
          { title: "B", rows: [1, 2, 3, 4, 5].map((n) => row(`b${n}`)) },
        ],
      }),
    ],
    ["a link", link()],
    ["a request for the place", { type: "location_request", text: "Where is it?" }],
    ["a request for the number", { type: "contact_request", text: "Which number can we call?" }],
  ])("%s", (_name, interactive) => {
    expect(interactiveProblems(interactive)).toEqual([]);
  });
});

describe("a question that WhatsApp would refuse", () => {
  it.each<[Interactive, string]>([
    [buttons({ text: " " }), "text is empty"],
    [buttons({ text: long(1025) }), "text has 1025 characters, 1024 are allowed"],
    [buttons({ header: long(61) }), "header has 61 characters, 60 are allowed"],
    [buttons({ footer: "" }), "footer is empty"],
    [buttons({ buttons: [] }), "there are 0 buttons: one to 3 are allowed"],
    [
      buttons({ buttons: ["a", "b", "c", "d"].map((id) => ({ id, title: id })) }),
      "there are 4 buttons: one to 3 are allowed",
    ],
    [
      buttons({ buttons: [{ id: "a", title: long(21) }] }),
      "buttons[0].title has 21 characters, 20 are allowed",
    ],
    [
      buttons({ buttons: [{ id: long(257), title: "A" }] }),
      "buttons[0].id has 257 characters, 256 are allowed",
    ],
    [
      buttons({
        buttons: [
          { id: "a", title: "A" },
          { id: "a", title: "B" },
        ],
      }),
      "two buttons have the same id: each needs its own",
    ],
    [
      buttons({
        buttons: [
          { id: "a", title: "A" },
          { id: "b", title: "A" },
        ],
      }),
      "two buttons have the same title: each needs its own",
    ],
    [list({ text: long(4097) }), "text has 4097 characters, 4096 are allowed"],
    [list({ button: long(21) }), "button has 21 characters, 20 are allowed"],
    [list({ sections: [] }), "there are 0 rows: one to 10 are allowed"],
    [
      list({ sections: [{ rows: Array.from({ length: 11 }, (_, n) => row(`${n}`)) }] }),
      "there are 11 rows: one to 10 are allowed",
    ],
    [
      list({ sections: [{ title: "A", rows: [row("1")] }, { rows: [row("2")] }] }),
      "sections[1].title is missing: with several sections each needs one",
    ],
    [
      list({
        sections: [
          { title: "A", rows: [row("1")] },
          { title: "B", rows: [] },
        ],
      }),
      "sections[1].rows is empty: give it a row, or leave the section out",
    ],
    [
      list({
        sections: [
          { title: "A", rows: [row("1")] },
          { title: "B", rows: [row("1")] },
        ],
      }),
      "two rows have the same id: each needs its own",
    ],
    [
      list({ sections: [{ title: long(25), rows: [row("1")] }] }),
      "sections[0].title has 25 characters, 24 are allowed",
    ],
    [
      list({ sections: [{ rows: [{ id: "1", title: long(25) }] }] }),
      "sections[0].rows[0].title has 25 characters, 24 are allowed",
    ],
    [
      list({ sections: [{ rows: [row(long(201), { title: "A" })] }] }),
      "sections[0].rows[0].id has 201 characters, 200 are allowed",
    ],
    [
      list({ sections: [{ rows: [row("1", { description: long(73) })] }] }),
      "sections[0].rows[0].description has 73 characters, 72 are allowed",
    ],
    [link({ label: "" }), "label is empty"],
    [link({ url: "example.org" }), "url is no address: it must be whole and begin with https://"],
    [link({ url: "javascript:alert(1)" }), "url is no address: it must be whole and begin with https://"],
    [{ type: "location_request", text: "" }, "text is empty"],
    [{ type: "contact_request", text: long(1025) }, "text has 1025 characters, 1024 are allowed"],
  ])("%#: %2$s", (interactive, problem) => {
    expect(interactiveProblems(interactive)).toEqual([problem]);
  });
});
