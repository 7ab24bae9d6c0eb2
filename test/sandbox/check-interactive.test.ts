import { expect, test } from "vitest";
import { checkInteractive } from "../../src/sandbox/graph/check-interactive.ts";

const body = { text: "Fixed?" };
const reply = (id: string, title: string) => ({ type: "reply", reply: { id, title } });
const buttons = { buttons: [reply("y", "Yes"), reply("n", "No")] };
const row = (id: string, own: object = {}) => ({ id, title: `Row ${id}`, ...own });
const list = (...sections: object[]) => ({
  type: "list",
  body,
  action: { button: "Choose", sections },
});
const flow = { flow_message_version: "3", flow_cta: "Open" };
const refused = (details: string) => ({
  code: 131009,
  details: `Parameter value is not valid: interactive.${details}`,
});

test.each<[what: string, given: object, text: string, taps: object[]]>([
  [
    "buttons",
    { type: "button", body, action: buttons },
    "Fixed?",
    [
      { id: "y", title: "Yes" },
      { id: "n", title: "No" },
    ],
  ],
  [
    "a list",
    list(
      { title: "One", rows: [row("a"), row("b", { description: "B" })] },
      { title: "Two", rows: [row("c")] },
    ),
    "Fixed?",
    ["a", "b", "c"].map((id) => ({ id, title: `Row ${id}` })),
  ],
  ["a list of one untitled section", list({ rows: [row("a")] }), "Fixed?", [{ id: "a", title: "Row a" }]],
  [
    "a link",
    {
      type: "cta_url",
      body,
      action: { name: "cta_url", parameters: { url: "https://a.example", display_text: "Open" } },
    },
    "Fixed?",
    [{ title: "Open" }],
  ],
  [
    "a form by id",
    { type: "flow", body, action: { name: "flow", parameters: { ...flow, flow_id: "1" } } },
    "Fixed?",
    [{ title: "Open" }],
  ],
  [
    "a form by name",
    { type: "flow", body, action: { name: "flow", parameters: { ...flow, flow_name: "a" } } },
    "Fixed?",
    [{ title: "Open" }],
  ],
  [
    "a place",
    { type: "location_request_message", body, action: { name: "send_location" } },
    "Fixed?",
    [{ title: "Send location" }],
  ],
  [
    "a contact",
    { type: "request_contact_info", body, action: { name: "request_contact_info" } },
    "Fixed?",
    [{ title: "Share number" }],
  ],
  [
    "a head and a foot",
    {
      type: "button",
      body,
      header: { type: "text", text: "News" },
      footer: { text: "Bye" },
      action: buttons,
    },
    "News\nFixed?\nBye",
    [
      { id: "y", title: "Yes" },
      { id: "n", title: "No" },
    ],
  ],
  [
    "a picture",
    { type: "button", body, header: { type: "image", text: "not shown" }, action: buttons },
    "[image]\nFixed?",
    [
      { id: "y", title: "Yes" },
      { id: "n", title: "No" },
    ],
  ],
])("a question with %s shows its words and what can be tapped", (_what, given, text, taps) => {
  expect(checkInteractive({ ...given })).toEqual({ text, taps });
});

const rows = (count: number) => Array.from({ length: count }, (_each, index) => row(String(index)));

test.each<[what: string, given: object, details: string]>([
  ["no type", { body }, "type is required"],
  ["an unknown type", { type: "quiz", body }, "type quiz is not supported"],
  [
    "no head's text",
    { type: "button", body, header: { type: "text" }, action: buttons },
    "header.text is required",
  ],
  ["no buttons", { type: "button", body }, "action.buttons: 1 to 3 are allowed"],
  [
    "no second title",
    { type: "button", body, action: { buttons: [reply("a", "A"), reply("b", "")] } },
    "action.buttons[1].reply.title is required",
  ],
  [
    "a button twice",
    { type: "button", body, action: { buttons: [reply("a", "A"), reply("a", "B")] } },
    "action.buttons: ids must differ",
  ],
  ["11 rows", list({ rows: rows(11) }), "action.sections: 1 to 10 rows are allowed in all"],
  [
    "11 rows in two sections",
    list({ title: "A", rows: rows(6) }, { title: "B", rows: rows(5) }),
    "action.sections: 1 to 10 rows are allowed in all",
  ],
  ["a row twice", list({ rows: [row("a"), row("a")] }), "action.sections.rows: ids must differ"],
  [
    "a row without a title",
    list({ rows: [row("a", { title: "" })] }),
    "action.sections.rows.title is required",
  ],
  [
    "a form of neither id nor name",
    { type: "flow", body, action: { name: "flow", parameters: flow } },
    "action.parameters: just one of flow_id and flow_name is required",
  ],
  [
    "a form of both",
    { type: "flow", body, action: { name: "flow", parameters: { ...flow, flow_id: "1", flow_name: "a" } } },
    "action.parameters: just one of flow_id and flow_name is required",
  ],
  [
    "a form without a label",
    {
      type: "flow",
      body,
      action: { name: "flow", parameters: { flow_message_version: "3", flow_id: "1" } },
    },
    "action.parameters.flow_cta is required",
  ],
  [
    "a link without a label",
    {
      type: "cta_url",
      body,
      action: { name: "cta_url", parameters: { url: "https://a.example" } },
    },
    "action.parameters.display_text is required",
  ],
  [
    "too long a link",
    {
      type: "cta_url",
      body,
      action: {
        name: "cta_url",
        parameters: { url: `https://a.example/${"x".repeat(1983)}`, display_text: "A" },
      },
    },
    "action.parameters.url exceeds 2000 characters",
  ],
])("a question with %s is refused", (_what, given, details) => {
  expect(checkInteractive({ ...given })).toEqual(refused(details));
});

test("ten rows, and a link of 2,000 letters, are the most", () => {
  expect(checkInteractive(list({ rows: rows(10) }))).toMatchObject({ taps: { length: 10 } });
  const parameters = { url: `https://a.example/${"x".repeat(1982)}`, display_text: "A" };
  const link = { type: "cta_url", body, action: { name: "cta_url", parameters } };
  expect(checkInteractive(link)).toEqual({ text: "Fixed?", taps: [{ title: "A" }] });
});
