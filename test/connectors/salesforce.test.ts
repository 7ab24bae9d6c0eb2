import { readFile } from "node:fs/promises";
import { attachmentOf } from "deskferry/sdk/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partsOf } from "../../connectors/salesforce/parts.ts";
import { CASE_FIELD, ID_FIELD, MESSAGE } from "../../connectors/salesforce/records.ts";
import { literal } from "../../connectors/salesforce/soql.ts";
import { failureOf } from "../support/failure-of.ts";
import { ACCOUNT, AGENT, OTHER_ACCOUNT, OWN_USER, QUEUE } from "./salesforce-org.ts";
import { comment, key, setUp, ticketId } from "./salesforce-setup.ts";
import { parseSoql } from "./salesforce-soql.ts";

const faulty = (status: number, errorCode: string, message = "") => ({
  status,
  body: [{ message, errorCode }],
});

describe("contacts", () => {
  it("new ones get the account of the settings; later writes leave it to staff, in two calls", async () => {
    const { server, connector, rows, callsSince } = await setUp({}, { account: ACCOUNT });
    const [made] = rows("Contact");
    expect(made).toMatchObject({ FirstName: "Ann", LastName: "Smith", AccountId: ACCOUNT });
    expect(made).toMatchObject({ MobilePhone: key.phone, Deskferry_Id__c: key.externalId });
    if (made) made["AccountId"] = OTHER_ACCOUNT;
    const before = server.calls.length;
    await connector.upsertContact(key, { name: "Ann Jones" });
    expect(rows("Contact")).toMatchObject([{ LastName: "Jones", AccountId: OTHER_ACCOUNT }]);
    expect(callsSince(before).map(({ method }) => method)).toEqual(["POST", "PATCH"]);
  });

  it("no phone number stands in an address", async () => {
    const { server, connector } = await setUp();
    await connector.upsertContact(key, { name: "Ann Jones" });
    for (const { path, query } of server.calls) expect(`${path}?${query}`).not.toContain("7700900123");
  });

  it.each([
    ["Ann", null, "Ann"],
    ["Ann  van\tDyk", "Ann", "van Dyk"],
    ["مريم 123 علي", "مريم", "123 علي"],
    [`${"x".repeat(41)} y`, null, `${"x".repeat(41)} y`],
    [`Ann ${"👩🏽‍🚒".repeat(30)}`, "Ann", `${"👩🏽‍🚒".repeat(11)}👩🏽`.slice(0, 80)],
  ])("P28: a name becomes two: %s", async (name, first, last) => {
    const { connector, rows } = await setUp();
    await connector.upsertContact({ externalId: "whatsapp:X" }, { name });
    const made = rows("Contact").at(-1);
    expect(made?.["FirstName"]).toBe(first);
    expect(String(made?.["LastName"]).startsWith(last.slice(0, 70))).toBe(true);
    expect(String(made?.["LastName"]).length).toBeLessThanOrEqual(80);
    expect(String(made?.["LastName"]).isWellFormed()).toBe(true);
  });

  it("a duplicate rule that blocks is told to the operator, not held against the message", async () => {
    const { server, connect } = await setUp();
    server.instead.push({
      status: 200,
      body: [
        { success: false, errors: [{ statusCode: "DUPLICATES_DETECTED", message: "Ann?", fields: [] }] },
      ],
    });
    const failure = await failureOf(connect().upsertContact({ externalId: "whatsapp:Y" }, { name: "Ann" }));
    expect(failure).toMatchObject({ kind: "config", code: "DUPLICATES_DETECTED" });
    expect(failure.operatorMessage).toContain("setup.md");
    expect(server.calls.at(-1)?.headers["sforce-duplicate-rule-header"]).toBe("allowSave=true");
  });

  it("what a contact has no place for is left out with one warning, and a field that is not there is named", async () => {
    const { connector, warnings } = await setUp();
    const record = { name: "Ann", organisation: "City", language: "es" };
    for (const externalId of ["whatsapp:1", "whatsapp:2"])
      await connector.upsertContact({ externalId }, record);
    expect(warnings).toHaveLength(2);
    await connector.upsertContact(key, { name: "Ann", custom: { Ward__c: "9" } });
    const failure = await failureOf(connector.upsertContact(key, { name: "Ann", custom: { Wrd__c: "9" } }));
    expect(failure).toMatchObject({ kind: "config", operatorMessage: expect.stringContaining("Wrd__c") });
  });
});

describe("tickets", () => {
  it("P01: a create that is repeated finds the first one, and takes nothing back that staff did", async () => {
    const { server, connector, create, rows, clock } = await setUp();
    const first = await create();
    clock.advance(60_000);
    server.setStatus(first.id, "Working");
    const [row] = rows("Case");
    if (row) Object.assign(row, { OwnerId: AGENT, Subject: "Lamp 7" });
    expect(await create()).toEqual(first);
    expect(rows("Case")).toMatchObject([{ Status: "Working", OwnerId: AGENT, Subject: "Lamp 7" }]);
    expect(await connector.findTicket?.(ticketId)).toEqual(first);
  });

  it("carry every field of the mapping", async () => {
    const fields = {
      tags: "Tags__c",
      skills: "Skills__c",
      firstAnswer: "Answer__c",
      solution: "Solve__c",
    };
    const caseFields = [...Object.values(fields), "District__c"];
    const { server, connector, create, rows, contact, warnings } = await setUp(
      { caseFields },
      { fields, priorities: { urgent: "Critical" } },
    );
    await create({
      description: "The lamp flickers",
      queue: "STREET_lights",
      priority: "urgent",
      tags: ["night", "water"],
      skills: ["es"],
      due: { firstAnswer: "2026-11-23T09:00:00Z", solution: "2026-11-24T09:00:00Z" },
      custom: { District__c: "North", Origin: "WhatsApp" },
    });
    expect(rows("Case")).toMatchObject([
      {
        Subject: "Street light",
        Description: "The lamp flickers",
        OwnerId: QUEUE.id,
        Priority: "Critical",
        Tags__c: "night, water",
        Skills__c: "es",
        Answer__c: "2026-11-23T09:00:00Z",
        Solve__c: "2026-11-24T09:00:00Z",
        District__c: "North",
        Origin: "WhatsApp",
        ContactId: contact.id,
        Deskferry_Id__c: ticketId,
      },
    ]);
    expect(connector.capabilities.unsupportedTicketFields).toEqual([]);
    expect(warnings).toEqual([]);
    // Assignment rules would give it to somebody else.
    expect(server.calls.at(-1)?.headers["sforce-auto-assign"]).toBe("FALSE");
  });

  it("without queue and assignee are given out by the organisation's assignment rules", async () => {
    const { server, connector, create } = await setUp();
    await create();
    expect(server.calls.at(-1)?.headers["sforce-auto-assign"]).toBe("TRUE");
    expect(connector.capabilities.unsupportedTicketFields).toEqual(["tags", "skills", "due"]);
  });

  it("go to an assignee by user name before a queue, and queues are looked up once", async () => {
    const { server, connector, create, rows, contact, callsSince, warnings } = await setUp(
      {},
      { queue: "Street lights" },
    );
    await create({ assignee: "ann@acme.example.org", queue: "Street lights" });
    expect(rows("Case")[0]?.["OwnerId"]).toBe(AGENT);
    const before = server.calls.length;
    for (const externalId of ["a/1", "a/2"]) {
      const ticket = { subject: "S", assignee: "nobody@acme.example.org" };
      await connector.createTicket({ externalId, contactId: contact.id, ticket });
    }
    expect(rows("Case").map((row) => row["OwnerId"])).toEqual([AGENT, QUEUE.id, QUEUE.id]);
    expect(callsSince(before).filter(({ query }) => query.get("q")?.includes("QueueSobject"))).toHaveLength(
      1,
    );
    expect(warnings).toEqual([expect.stringContaining("queue"), expect.stringContaining("assignee")]);
  });

  it("a queue that is not there is an error of the settings, before anything is made", async () => {
    const { create, rows } = await setUp();
    expect(await failureOf(create({ queue: "Roads" }))).toMatchObject({ kind: "config" });
    const noOwner = await failureOf(create({ queue: "00G5g00000XXXXXAA1" }));
    expect(noOwner).toMatchObject({ kind: "config", operatorMessage: expect.stringContaining("owner") });
    expect(rows("Case")).toHaveLength(0);
  });

  it("a contact that staff deleted is not found, so that it is made again", async () => {
    const { create, rows } = await setUp();
    rows("Contact").length = 0;
    expect(await failureOf(create())).toMatchObject({ kind: "not_found" });
  });

  it("a description that is too long is cut, with a warning", async () => {
    const { create, rows, warnings } = await setUp();
    await create({ description: `${"x".repeat(31_999)}🔦🔦` });
    expect(rows("Case")[0]?.["Description"]).toBe("x".repeat(31_999));
    expect(warnings).toEqual([expect.stringContaining("description")]);
  });
});

describe("statuses", () => {
  it("are set and read back in one call, once the values are known", async () => {
    const { server, connector, create, rows, callsSince } = await setUp();
    const { id } = await create();
    await connector.updateTicket?.(id, { status: "open" });
    const before = server.calls.length;
    await connector.updateTicket?.(id, { status: "solved" });
    expect(rows("Case")[0]?.["Status"]).toBe("Closed");
    expect(callsSince(before)).toHaveLength(1);
  });

  it.each([
    ["that the settings do not name", {}, "pending"],
    ["that the organisation lacks, though Salesforce would take it", { statuses: { Busy: "open" } }, "open"],
  ] as const)("one %s is an error of the settings", async (_, more, status) => {
    const { connector, create, rows } = await setUp({}, more);
    const { id } = await create();
    const failure = await failureOf(connector.updateTicket?.(id, { status }) ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: "config", operatorMessage: expect.stringContaining("statuses") });
    expect(rows("Case")[0]?.["Status"]).toBe("New");
  });

  it("one that a flow takes back at once was not set", async () => {
    const { connector, create } = await setUp(
      { flowSetsStatus: "Escalated" },
      { statuses: { Working: "open" } },
    );
    const { id } = await create();
    expect(
      await failureOf(connector.updateTicket?.(id, { status: "open" }) ?? Promise.resolve()),
    ).toMatchObject({ kind: "rejected" });
  });
});

describe("comments", () => {
  it("P18: one that is repeated is refused as a whole, with all its parts, and answered as the first", async () => {
    const { connector, create, rows } = await setUp();
    const { id } = await create();
    const long = comment(id, { body: "word ".repeat(3_000) });
    const first = await connector.addComment(long);
    expect(await connector.addComment(long)).toEqual(first);
    expect(rows("CaseComment")).toHaveLength(4);
    expect(rows("Deskferry_Message__c")).toHaveLength(1);
    expect(await connector.findComment?.(id, "wamid.A")).toEqual(first);
  });

  it("on another ticket the same message is another comment", async () => {
    const { connector, create, rows, contact } = await setUp();
    const { id } = await create();
    const other = { externalId: "a/2", contactId: contact.id, ticket: { subject: "S" } };
    const { id: second } = await connector.createTicket(other);
    for (const ticket of [id, second]) await connector.addComment(comment(ticket));
    expect(rows("CaseComment").map((row) => row["ParentId"])).toEqual([id, second]);
  });

  it("take one call without files; each file one more, and all of them one together", async () => {
    const { server, connector, create, callsSince } = await setUp();
    const { id } = await create();
    let before = server.calls.length;
    await connector.addComment(comment(id));
    expect(callsSince(before)).toHaveLength(1);
    before = server.calls.length;
    const attachments = ["a.png", "b.png"].map((name) => attachmentOf(name, "image/png", Buffer.from(name)));
    await connector.addComment(comment(id, { externalId: "wamid.B", attachments }));
    expect(callsSince(before)).toHaveLength(4);
  });

  it("files hang on the case, named in the text; those of notes are for staff only; empty ones are only named", async () => {
    const { connector, create, rows } = await setUp();
    const { id } = await create();
    const files = [
      attachmentOf("plan.pdf", "application/pdf", Buffer.from("pdf")),
      attachmentOf("empty.txt", "text/plain", Buffer.alloc(0)),
    ];
    await connector.addComment(comment(id, { attachments: files }));
    await connector.addComment(
      comment(id, { externalId: "wamid.B", visibility: "internal", attachments: files.slice(0, 1) }),
    );
    expect(rows("CaseComment")[0]?.["CommentBody"]).toBe(
      "It is dark\n(file: plan.pdf)\n(empty file: empty.txt)",
    );
    expect(rows("ContentVersion")[0]).toMatchObject({ Title: "plan", PathOnClient: "plan.pdf" });
    expect(rows("ContentDocumentLink")).toMatchObject([
      { LinkedEntityId: id, Visibility: "AllUsers" },
      { LinkedEntityId: id, Visibility: "InternalUsers" },
    ]);
  });

  it("files of a comment that was there already are taken away again", async () => {
    const { connector, create, rows } = await setUp();
    const { id } = await create();
    const attachments = [attachmentOf("a.png", "image/png", Buffer.from("png"))];
    const first = await connector.addComment(comment(id, { attachments }));
    expect(await connector.addComment(comment(id, { attachments }))).toEqual(first);
    expect(rows("ContentVersion")).toHaveLength(1);
    expect(rows("ContentDocumentLink")).toHaveLength(1);
  });

  it("what looks like a reference of Salesforce's composite requests is only text", async () => {
    const { connector, create, rows } = await setUp();
    const { id } = await create();
    await connector.addComment(comment(id, { body: "@{r0.id} {!Case.Id} {{name}}" }));
    expect(rows("CaseComment")[0]?.["CommentBody"]).toBe("@{r0.id} {!Case.Id} {{name}}");
  });

  it("a case out of sight is not there; one in sight needs a right", async () => {
    const { server, connector, create, rows } = await setUp();
    const { id } = await create();
    const refusal = {
      status: 200,
      body: [
        {
          success: false,
          errors: [{ statusCode: "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message: "", fields: [] }],
        },
      ],
    };
    server.instead.push(refusal);
    expect(await failureOf(connector.addComment(comment(id)))).toMatchObject({ kind: "config" });
    rows("Case").length = 0;
    server.instead.push(refusal);
    expect(await failureOf(connector.addComment(comment(id)))).toMatchObject({ kind: "not_found" });
  });
});

describe("long texts", () => {
  it("P28: every part fits with its number, and together they are the text", () => {
    const texts = fc
      .string({ unit: "grapheme", maxLength: 12 })
      .chain((word) =>
        fc
          .tuple(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom("", " ", "\n", ", "))
          .map(([count, separator]) => Array.from({ length: count }, () => word).join(separator)),
      );
    fc.assert(
      fc.property(texts, (text) => {
        const parts = partsOf(text);
        for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(4_000);
        expect(parts.every((part) => part.isWellFormed())).toBe(text.isWellFormed());
        const bare = parts.length === 1 ? parts : parts.map((part) => part.replace(/^\(\d+\/\d+\) /, ""));
        expect(bare.join("")).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it("end between words where there are any, and never within a family", () => {
    const [first = ""] = partsOf("some words ".repeat(1_000));
    expect(first.endsWith("some") || first.endsWith("words")).toBe(true);
    const family = "👨‍👩‍👧‍👦";
    for (const part of partsOf(family.repeat(400))) {
      const text = part.replace(/^\(\d+\/\d+\) /, "");
      expect(text.length % family.length).toBe(0);
    }
  });
});

describe("SOQL", () => {
  it("a text cannot leave its quotation marks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const odd = `${text}' OR Id != '\\`;
        const { matches } = parseSoql(`SELECT Id FROM Case WHERE Deskferry_Id__c = ${literal(odd)}`);
        expect(matches({ Deskferry_Id__c: odd })).toBe(true);
        expect(matches({ Deskferry_Id__c: text })).toBe(false);
      }),
    );
  });
});

describe("refusals", () => {
  it.each([
    [403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", "throttled", 600_000],
    [403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", "throttled", undefined],
    [400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", "unavailable", undefined],
    [403, "API_DISABLED_FOR_ORG", "", "config", undefined],
    [400, "STORAGE_LIMIT_EXCEEDED", "", "config", undefined],
    [400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Ann is wrong", "rejected", undefined],
    [503, "SERVER_UNAVAILABLE", "", "unavailable", undefined],
    [500, "UNKNOWN_EXCEPTION", "An unexpected error occurred", "ambiguous", undefined],
  ])("P25: %s %s %s is %s", async (status, code, message, kind, retryAfterMs) => {
    const { server, connector, create } = await setUp();
    const { id } = await create();
    server.instead.push(faulty(status, code, message));
    const failure = await failureOf(connector.addComment(comment(id)));
    expect(failure.kind).toBe(kind);
    expect(failure.retryAfterMs).toBe(retryAfterMs);
    expect(failure.operatorMessage).not.toContain("Ann");
  });

  it("P25: a day that is used up is throttled, and the header has told so", async () => {
    const { connector, create } = await setUp({ dailyRequests: 2 });
    const { id } = await create();
    expect(await failureOf(connector.addComment(comment(id)))).toMatchObject({ kind: "throttled" });
    expect(connector.capabilities.rateLimitHeaders?.usage).toBe("sforce-limit-info");
  });

  it("the words of a refusal within an answer to several records are not repeated, only its fields", async () => {
    const { server, connector, create } = await setUp();
    const { id } = await create();
    const errors = [{ statusCode: "STRING_TOO_LONG", message: "Ann's secret", fields: ["CommentBody"] }];
    server.instead.push({ status: 200, body: [{ success: false, errors }] });
    const failure = await failureOf(connector.addComment(comment(id)));
    expect(failure).toMatchObject({ kind: "rejected", code: "STRING_TOO_LONG" });
    expect(failure.operatorMessage).toContain("CommentBody");
    expect(failure.operatorMessage).not.toContain("Ann");
  });
});

describe("the session", () => {
  it("P22: one that ended is renewed once, and what was asked for is done", async () => {
    const { server, connector, create, rows } = await setUp();
    const { id } = await create();
    server.endSessions();
    const before = server.calls.length;
    await connector.addComment(comment(id));
    expect(server.calls.slice(before).map(({ path }) => path)).toEqual([
      "/services/data/v62.0/composite/sobjects",
      "/services/oauth2/token",
      "/services/data/v62.0/composite/sobjects",
    ]);
    expect(rows("CaseComment")).toHaveLength(1);
    expect(rows("CaseComment")[0]?.["CreatedById"]).toBe(OWN_USER);
  });

  it.each([
    ["secret", { clientSecret: "wrong-secret" }, "invalid_client"],
    ["key", { clientId: "wrong-key" }, "invalid_client_id"],
  ])("a wrong %s is an error of the account", async (_, given, code) => {
    const { connect } = await setUp();
    const failure = await failureOf(connect(given).findTicket?.("a") ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: "auth", code });
    expect(failure.operatorMessage).not.toContain("wrong");
  });
});

describe("the objects that setup.md deploys", () => {
  it.each(["Contact", "Case", MESSAGE])("%s has our field, unique and an external id", async (object) => {
    const folder = new URL("../../connectors/salesforce/package/", import.meta.url);
    const text = await readFile(new URL(`objects/${object}.object`, folder), "utf8");
    const fields = [...text.matchAll(/<fields>(.+?)<\/fields>/gs)].map(([, field = ""]) => field);
    const ours = fields.find((field) => field.includes(`<fullName>${ID_FIELD}</fullName>`));
    expect(ours).toContain("<unique>true</unique>");
    expect(ours).toContain("<externalId>true</externalId>");
    expect(text.includes(`<fullName>${CASE_FIELD}</fullName>`)).toBe(object === MESSAGE);
    const manifest = await readFile(new URL("package.xml", folder), "utf8");
    const member = object === MESSAGE ? MESSAGE : `${object}.${ID_FIELD}`;
    expect(manifest).toContain(`<members>${member}</members>`);
  });
});

describe("the check of the connection", () => {
  const check = async (...args: Parameters<typeof setUp>) => {
    const { connector, server, callsSince } = await setUp(...args);
    const before = server.calls.length;
    const lines = await (connector.checkConnection?.() ?? Promise.resolve([]));
    return { lines, calls: callsSince(before) };
  };

  it("tells what it cannot know: the history of Status is hidden from users without a right", async () => {
    const { connector, rows } = await setUp();
    rows("FieldDefinition").length = 0;
    const lines = await connector.checkConnection?.();
    expect(lines).toContainEqual(expect.stringContaining("hidden from this user"));
  });

  it("tries everything in a few calls, and tells that contacts without an account are hidden", async () => {
    const { lines, calls } = await check({}, { queue: QUEUE.name });
    expect(lines).toContainEqual(expect.stringContaining(OWN_USER));
    expect(lines).toContainEqual(expect.stringContaining("no account is set"));
    expect(calls).toHaveLength(5);
  });

  it.each([
    ["history", { tracksStatus: false }, {}],
    ["unique", { idField: { unique: false } }, {}],
    ["different values", { idField: { caseSensitive: false } }, {}],
    ["Skills__c", {}, { fields: { skills: "Skills__c" } }],
    ["Paused", {}, { statuses: { Paused: "pending", New: "new" } }],
    ["Roads", {}, { queue: "Roads" }],
  ])("tells what is wrong: %s", async (word, options, more) => {
    const failure = await failureOf(check(options, more));
    expect(failure).toMatchObject({ kind: "config", operatorMessage: expect.stringContaining(word) });
  });
});
