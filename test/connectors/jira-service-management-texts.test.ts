import { hmac, type WebhookRequest } from "deskferry/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentOf, partsOf } from "../../connectors/jira-service-management/document.ts";
import { settings as schema } from "../../connectors/jira-service-management/settings.ts";
import { parseWebhook, verifyWebhook } from "../../connectors/jira-service-management/webhook.ts";
import { plainText } from "../../connectors/jira-service-management/wiki-text.ts";
import { cpuMsOf } from "../support/cpu-time.ts";
import { ACCOUNT, AGENT, CUSTOMER, FIELDS } from "./jira-service-management-desk.ts";
import { linesOf, userShown } from "./jira-service-management-shown.ts";

const NOW = Date.parse("2026-11-21T09:00:00Z");
const MINUTE_MS = 60_000;
const settings = schema.parse({
  url: "https://acme.atlassian.net",
  email: "deskferry@example.org",
  token: "an-example",
  accountId: ACCOUNT,
  serviceDesk: "10",
  requestType: "25",
  organization: "7",
  fields: FIELDS,
  webhookSecret: ["new secret", "old secret"],
});

describe("text as a document", () => {
  it("stays as it is, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        const document = documentOf(text);
        expect(linesOf(document).text).toBe(text);
        expect(JSON.stringify(document)).not.toContain('"text":""');
      }),
    );
  });

  it("that is long is cut into pieces that Jira takes, and nothing of it is lost", () => {
    const piece = fc.constantFrom(
      "word ",
      "\n",
      "👨‍👩‍👧‍👦",
      '"',
      "\\",
      "Ω",
      "x".repeat(5000),
      "\ud83d\ude00",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat({ max: 20_000 }), (pieces, count) => {
        const text = pieces.join("") + "\n".repeat(count);
        const parts = partsOf(text);
        expect(parts.join("")).toBe(text);
        for (const part of parts) {
          expect(JSON.stringify(documentOf(part)).length).toBeLessThan(32_767);
          expect(part.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("ends its pieces with a line or a word where it can", () => {
    const line = `${"word ".repeat(50)}\n`;
    for (const part of partsOf(line.repeat(200)).slice(0, -1)) expect(part.endsWith("\n")).toBe(true);
    for (const part of partsOf("word ".repeat(9000)).slice(0, -1)) expect(part.endsWith("word ")).toBe(true);
  });
});

describe("P29: wiki markup as text", () => {
  it.each([
    ["plain words stay", "Dear Ann, it's 5 * 3 - 2 = 13. Great! Really!", undefined],
    ["emphasis stays, as WhatsApp shows it too", "*bold* and _italic_", undefined],
    ["escaped characters", "\\{not code\\} \\[1\\] C:\\\\dir", "{not code} [1] C:\ndir"],
    [
      "links",
      "[here|https://a.example/x] [https://b.example] [https://c.example|https://c.example|smart-link]",
      "here (https://a.example/x) https://b.example https://c.example",
    ],
    ["mail", "[ann@example.org|mailto:ann@example.org]", "ann@example.org"],
    ["mentions of staff", "[~accountid:712020:a9b8] please look", "please look"],
    [
      "headings, quotes, colours",
      "h2. News\nbq. said\n{color:#ff0000}red{color} {quote}old{quote}",
      "News\nsaid\nred old",
    ],
    ["code", "see {code:java}\nif (a[0] > 1) { *p }\n{code} end", "see if (a[0] > 1) { *p } end"],
    ["monospaced", "{{x.txt}}", "x.txt"],
    ["lists", "* one\n** below\n# first\n# second\n", "- one\n  - below\n1. first\n2. second"],
    ["line ends of Windows", "one\r\ntwo", "one\ntwo"],
  ])("%s", (_, wiki, text) => {
    expect(plainText(wiki)).toEqual({ text: text ?? wiki, files: [] });
  });

  it("names the files that it shows", () => {
    const wiki = 'Here:\n!image-1.png|width=200,alt="x"!\n[^plan \\(new\\).pdf]\n\nBye!';
    expect(plainText(wiki)).toEqual({ text: "Here:\n\n\n\nBye!", files: ["image-1.png", "plan (new).pdf"] });
  });

  it("P28: brings any text back whose special characters Jira has escaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (given) => {
        const text = given.replace(/\s+/g, " ").trim();
        const escaped = text.replace(/[!-/:-@[-`{-~]/g, "\\$&");
        expect(plainText(escaped).text).toBe(text);
      }),
    );
  });

  it("takes a time in proportion to the text, however odd", () => {
    const odd = ["[", "{", "!a", "[^", "{code:x}", "[a|", "{{", "\\", "* ", "[~", "{color:"];
    for (const piece of odd) {
      const took = cpuMsOf(() => plainText(piece.repeat(32_767 / piece.length)));
      expect(took, piece).toBeLessThan(2000);
    }
  });
});

describe("webhooks", () => {
  const commented = {
    timestamp: NOW,
    webhookEvent: "comment_created",
    comment: {
      id: "10501",
      author: userShown(AGENT),
      body: "We are on our way",
      created: "2026-11-21T10:00:00.000+0100",
      jsdPublic: true,
    },
    issue: { id: "10042", key: "WA-1", fields: { summary: "Street light", status: { name: "Open" } } },
  };
  const requestOf = (payload: unknown, secret = "new secret"): WebhookRequest => {
    const body = Buffer.from(JSON.stringify(payload));
    const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
    return { body, query: {}, headers: { "x-hub-signature": hmac(secret, body, format) } };
  };
  const eventsOf = (change: object) =>
    parseWebhook(requestOf({ ...commented, comment: { ...commented.comment, ...change } }), settings);

  it("tell a public comment of staff", () => {
    expect(eventsOf({})).toEqual([
      {
        type: "comment.added",
        id: "comment/10501",
        at: "2026-11-21T09:00:00.000Z",
        author: { id: AGENT, name: "Ann Agent", isUs: false },
        ticket: { id: "WA-1", subject: "Street light", rawStatus: "Open", status: "new" },
        commentId: "10501",
        visibility: "public",
        body: "We are on our way",
        attachments: [],
      },
    ]);
  });

  it.each([
    ["it is internal", { jsdPublic: false }],
    ["it is for one role only", { visibility: { type: "role", value: "Administrators" } }],
    ["a customer of the portal wrote it", { author: userShown(CUSTOMER) }],
  ])("P19: a comment stays inside when %s", (_, change) => {
    expect(eventsOf(change)).toMatchObject([{ visibility: "internal" }]);
  });

  it("P19: a comment of which nothing tells whether it is public is left to polling", () => {
    expect(eventsOf({ jsdPublic: undefined })).toEqual([]);
  });

  it("P18: what we wrote is ours", () => {
    expect(eventsOf({ author: userShown(ACCOUNT) })).toMatchObject([{ author: { isUs: true } }]);
  });

  it("tell a change of status, and leave out what says none", () => {
    const changed = (items: object[]) =>
      parseWebhook(
        requestOf({
          timestamp: NOW,
          webhookEvent: "jira:issue_updated",
          user: userShown(AGENT),
          issue: {
            ...commented.issue,
            fields: { ...commented.issue.fields, [FIELDS.ticket]: "deskferry/city/44/1" },
          },
          changelog: { id: "10124", items },
        }),
        settings,
      );
    const status = { field: "status", fieldId: "status", fromString: "Open", toString: "resolved" };
    expect(changed([{ field: "assignee" }, status])).toMatchObject([
      {
        type: "ticket.changed",
        id: "change/10124",
        from: "new",
        to: "solved",
        ticket: { externalId: "deskferry/city/44/1", status: "solved", rawStatus: "resolved" },
      },
    ]);
    expect(changed([{ field: "assignee", fromString: "a" }])).toEqual([]);
    expect(changed([{ ...status, toString: "In review" }])).toEqual([]);
    expect(changed([{ ...status, fromString: "Done" }])).toEqual([]);
  });

  it.each([
    ["of this moment", requestOf(commented), 0, true],
    ["of the former secret", requestOf(commented, "old secret"), 0, true],
    ["of no secret of ours", requestOf(commented, "x"), 0, false],
    ["tried again by Jira within the hour", requestOf(commented), 50 * MINUTE_MS, true],
    ["of an hour ago", requestOf(commented), 60 * MINUTE_MS, false],
    ["of the future", requestOf(commented), -10 * MINUTE_MS, false],
    ["without a time", requestOf({ ...commented, timestamp: undefined }), 0, false],
    ["that is no JSON object", requestOf("text"), 0, false],
  ])("P21: one %s is judged by signature and time", (_, request, ageMs, expected) => {
    expect(verifyWebhook(request, settings, { now: () => NOW + ageMs })).toBe(expected);
  });
});
