import { describe, expect, it } from "vitest";
import { addressOf } from "../../connectors/http/calls.ts";
import http from "../../connectors/http/index.ts";
import { settingsSchema } from "../../connectors/http/settings.ts";
import { fillPath } from "../../connectors/http/template.ts";
import { connectionIn } from "./home-grown-http.ts";

interface Loose {
  [key: string]: Loose;
}

/** The legacy system's settings with something changed. */
function changed(change: (settings: Loose) => void): unknown {
  const settings = connectionIn("test/connectors/http-legacy.yaml", {
    DESK_URL: "https://desk.example.org",
    DESK_PASSWORD: "p",
  });
  change(settings as Loose);
  return settings;
}

const set = (path: string, value: unknown) => (settings: Loose) => {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place = settings;
  for (const key of keys) place = place[key] as Loose;
  if (value === undefined) delete place[last];
  else Object.assign(place, { [last]: value });
};

describe("settings of a connection without code", () => {
  it.each([
    ["operations.findTicket", undefined, "operations.findTicket", /class B looks up/],
    ["operations.findComment", undefined, "operations.findComment", /class B looks up/],
    ["operations.listChanges", undefined, "operations.listChanges", /replies could not come back/],
    ["operations.findContact", undefined, "operations.findContact", /updateContact needs/],
    ["operations.findTicket.expect", undefined, "operations.findTicket.expect", /expected string/],
    ["operations.createTicket.answer", undefined, "operations.createTicket.answer", /expected string/],
    ["operations.createTicket.path", "/t?x=1", "operations.createTicket.path", /leave out the query/],
    [
      "operations.createTicket.path",
      "/t/{ticketId}",
      "operations.createTicket.path",
      /\{ticketId\} is nothing that createTicket is given/,
    ],
    ["operations.findTicket.query", { q: "{wamid}" }, "operations.findTicket.query", /\{wamid\} is nothing/],
    ["operations.findTicket.body", "1", "operations.findTicket.body", /GET has no body/],
    [
      "operations.addComment.files",
      { as: "base64", field: "f" },
      "operations.addComment.files",
      /send: json/,
    ],
    ["operations.createTicket.reads", "nothing", "operations.createTicket.reads", /nothing to look at/],
    [
      "operations.createTicket.statuses",
      { missing: [999] },
      "operations.createTicket.statuses.missing.0",
      /<=599/,
    ],
    ["idempotency.class", "D", "idempotency.class", /"A"\|"B"\|"C"/],
    ["statuses", { 1: "reopened" }, "statuses.1", /"new"/],
  ])("%s = %j is refused", (path, value, at, reason) => {
    const result = settingsSchema.safeParse(changed(set(path, value)));
    const issues =
      result.error?.issues.map((issue) => ({ at: issue.path.join("."), says: issue.message })) ?? [];
    expect(issues).toContainEqual({ at, says: expect.stringMatching(reason) });
  });

  it("what is not among the operations cannot be done", () => {
    const settings = changed((all) => {
      for (const name of ["updateTicket", "fetchAttachment"]) set(`operations.${name}`, undefined)(all);
      set("operations.addComment.files", undefined)(all);
      set("internalComments", false)(all);
    });
    const quiet = () => undefined;
    const never = () => Promise.reject(new Error("no request"));
    const connector = http.create(settingsSchema.parse(settings), {
      http: () => ({ request: never, download: never }),
      log: { debug: quiet, info: quiet, warn: quiet },
      clock: { now: Date.now },
    });
    expect(connector.capabilities).toMatchObject({
      idempotency: { class: "B", settleMs: 300 },
      changes: ["poll"],
      internalComments: false,
      maxAttachmentBytes: 0,
    });
    expect(connector.capabilities.unsupportedTicketFields).toEqual([
      "description",
      "queue",
      "priority",
      "assignee",
      "tags",
      "skills",
      "due",
      "custom",
    ]);
    const { updateTicket, fetchAttachment, verifyWebhook } = connector;
    expect([updateTicket, fetchAttachment, verifyWebhook]).toEqual([undefined, undefined, undefined]);
  });
});

describe("placeholders", () => {
  it("lead nowhere but to one segment of the path", () => {
    expect(fillPath("/a/{id}/b", { id: "../../x?y#z" }, "try")).toBe("/a/..%2F..%2Fx%3Fy%23z/b");
    expect(fillPath("/a/{id}", { id: 7 }, "try")).toBe("/a/7");
    for (const id of ["..", ".", "", null, { a: 1 }]) {
      expect(() => fillPath("/a/{id}", { id }, "try")).toThrow(
        /^try: id, which the path needs, is not there$/,
      );
    }
    expect(() => fillPath("/{constructor.name}", {}, "try")).toThrow(/is not there/);
  });

  it("without a value leave the parameter out, and break no header", () => {
    const address = {
      path: "/a",
      query: { phone: "{key.phone}", all: "yes" },
      headers: { "X-Id": "{key.id}", "X-None": "{key.none}" },
    };
    const { query, headers } = addressOf(address, { key: { id: "a\r\nX-Evil: 1" } }, "try");
    expect(query).toEqual({ all: "yes" });
    expect(Object.keys(headers)).toEqual(["X-Id"]);
    expect(headers["X-Id"]).toMatch(/^[0-9a-f]{64}$/);
  });
});
