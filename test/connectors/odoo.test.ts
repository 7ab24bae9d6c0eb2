import type { TicketRecord } from "deskferry/sdk";
import { attachmentOf } from "deskferry/sdk/testing";
import { describe, expect, it } from "vitest";
import { externalIdOf, messageIdOf } from "../../connectors/odoo/message-id.ts";
import { comment, key, start } from "./odoo-bench.ts";
import { Fault } from "./odoo-records.ts";
import { ACCOUNT, AGENT, API_KEY, DATABASE, LOGIN, type Odoo, type OdooOptions } from "./odoo-server.ts";

const byRpc = { jsonRpc: { database: DATABASE, login: LOGIN } };

describe("Odoo's two interfaces", () => {
  it("JSON-2 gets the key as a bearer and the database in a header, and nobody logs in", async () => {
    const { server, ticket } = await start({ severalDatabases: true }, { database: DATABASE });
    await ticket();
    expect(server.calls.every(({ headers }) => headers.authorization === `bearer ${API_KEY}`)).toBe(true);
    expect(server.calls.some(({ method }) => method === "authenticate")).toBe(false);
  });

  it("JSON-2 without the database's name, where several share an address, is a matter of the settings", async () => {
    const { contact } = await start({ severalDatabases: true });
    await expect(contact()).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/database/),
    });
  });

  it("JSON-RPC logs in once for many calls", async () => {
    const { server, connector, ticket } = await start({ version: 17 }, byRpc);
    const { id } = await ticket();
    await connector.addComment(comment(id, "wamid.1"));
    expect(server.calls.filter(({ method }) => method === "authenticate")).toHaveLength(1);
    expect(server.written(Number(id))).toHaveLength(1);
  });

  it("a wrong key stops the account, and a wrong login does", async () => {
    const wrong = { apiKey: "wrong" };
    for (const [options, settings] of [
      [{}, wrong],
      [{ version: 17 }, { ...byRpc, ...wrong }],
      [{ version: 17 }, { jsonRpc: { database: DATABASE, login: "nobody" } }],
    ] as [OdooOptions, object][]) {
      const { contact } = await start(options, settings);
      await expect(contact()).rejects.toMatchObject({ kind: "auth", code: 401 });
    }
  });

  it("a key that is withdrawn later is asked for by a new login", async () => {
    const { server, contact } = await start({ version: 17 }, byRpc);
    await contact();
    server.faults.push(new Fault("odoo.exceptions.AccessDenied", "Access Denied"));
    await expect(contact()).rejects.toMatchObject({ kind: "auth" });
    await contact();
    expect(server.calls.filter(({ method }) => method === "authenticate")).toHaveLength(2);
  });

  it("settings for the interface that this Odoo lacks are not taken for a missing record", async () => {
    for (const [version, settings] of [
      [17, {}],
      [22, byRpc],
    ] as const) {
      const { connector } = await start({ version }, settings);
      await expect(connector.checkConnection?.()).rejects.toMatchObject({ code: 404 });
    }
  });
});

describe("Odoo's errors", () => {
  const cases: [exception: string, kind: string][] = [
    ["odoo.exceptions.AccessDenied", "auth"],
    ["odoo.exceptions.AccessError", "auth"],
    ["odoo.http.SessionExpiredException", "auth"],
    ["odoo.exceptions.MissingError", "not_found"],
    ["odoo.exceptions.UserError", "rejected"],
    ["odoo.exceptions.ValidationError", "rejected"],
    ["odoo.exceptions.RedirectWarning", "rejected"],
    ["builtins.ValueError", "rejected"],
    ["psycopg2.errors.SerializationFailure", "unavailable"],
    ["psycopg2.errors.LockNotAvailable", "unavailable"],
    ["psycopg2.errors.DeadlockDetected", "unavailable"],
    ["psycopg2.OperationalError", "ambiguous"],
    ["smtplib.SMTPServerDisconnected", "ambiguous"],
  ];
  for (const [name, options, settings] of [
    ["JSON-2, by status and body", {}, {}],
    ["JSON-RPC, with status 200", { version: 17 }, byRpc],
  ] as [string, OdooOptions, object][]) {
    it.each(cases)(`${name}: %s is %s, and its message is not repeated`, async (exception, kind) => {
      const { server, connector, ticket } = await start(options, settings);
      const { id } = await ticket();
      server.faults.push(new Fault(exception, "Asha Rao, +447700900123"));
      const failure = connector.addComment(comment(id, "wamid.1")).catch((error: unknown) => error);
      await expect(failure).resolves.toMatchObject({
        kind,
        operatorMessage: expect.not.stringMatching(/Asha|7700/),
      });
    });
  }
});

describe("contacts in Odoo", () => {
  it("P02: nothing is written where nothing differs", async () => {
    const { server, contact } = await start();
    await contact();
    await contact();
    expect(server.calls.filter(({ method }) => ["create", "write"].includes(method))).toHaveLength(1);
  });

  it("takes over the one contact with the person's number, and fills in only what is empty there", async () => {
    const { server, contact } = await start();
    const known = server.insert("res.partner", {
      name: "Mrs A. Rao",
      phone: "+44 7700 900123",
      email: "a@example.org",
    });
    const { id } = await contact({ name: "asha 🌻", email: "other@example.org", organisation: "Mill Ltd" });
    expect(id).toBe(String(known.id));
    expect(known).toMatchObject({
      name: "Mrs A. Rao",
      email: "a@example.org",
      company_name: "Mill Ltd",
      x_deskferry_id: key.externalId,
    });
    await contact({ name: "another name" });
    expect(known["name"]).toBe("Mrs A. Rao");
  });

  it("takes over neither one of two, nor a company, nor staff, nor another person's, nor any if told so", async () => {
    const phone = key.phone;
    const cases: [object[], object?][] = [
      [[{}, {}]],
      [[{ is_company: true }]],
      [[{ partner_share: false }]],
      [[{ x_deskferry_id: "whatsapp:GB.77" }]],
      [[{}], { matchPhone: false }],
    ];
    for (const [others, settings] of cases) {
      const { server, contact } = await start({}, settings);
      const ids = others.map((more) => {
        const row = server.insert("res.partner", { name: "Other", phone });
        return Object.assign(row, more).id;
      });
      expect(ids).not.toContain(Number((await contact()).id));
    }
  });

  it("finds a contact again that was archived", async () => {
    const { server, contact } = await start();
    const { id } = await contact();
    Object.assign(server.records.rowOf("res.partner", Number(id)), { active: false });
    expect((await contact()).id).toBe(id);
  });

  it("gives the language that is installed, and tells once what Odoo lacks", async () => {
    const { server, contact, logged } = await start();
    for (const language of ["pt", "sw"]) await contact({ language, custom: { x_vip: true, x_none: 1 } });
    expect(server.partners().at(-1)).toMatchObject({ lang: "pt_BR", x_vip: true });
    expect(logged).toEqual([expect.stringMatching(/x_none/), expect.stringMatching(/language sw/)]);
  });
});

describe("tickets in Odoo", () => {
  const everything: Partial<TicketRecord> = {
    subject: "Two\nlines",
    description: "a <b>\nc",
    priority: "urgent",
    assignee: "ann",
    tags: ["leak", "pump"],
    due: { solution: "2026-11-24T10:00:00+01:00" },
    custom: { x_district: "North" },
  };
  const both = { name: "Two lines", description: "<p>a &lt;b&gt;<br>c</p>", x_district: "North" };

  it("maps every field to those of a task", async () => {
    const { server, ticket, contact } = await start();
    await ticket(everything);
    const partner = Number((await contact()).id);
    expect(server.tickets()).toMatchObject([
      { ...both, priority: "1", user_ids: [AGENT], date_deadline: "2026-11-24 09:00:00", project_id: 2 },
    ]);
    expect(server.tickets()[0]).toMatchObject({
      partner_id: partner,
      x_deskferry_id: "deskferry/city/3f9a/1",
    });
    expect(server.tickets()[0]?.["tag_ids"]).toHaveLength(2);
  });

  it.each(["helpdesk", "oca-helpdesk"] as const)("maps every field to those of %s", async (application) => {
    const { server, connector, ticket } = await start({ application });
    expect(connector.capabilities.unsupportedTicketFields).toEqual(["skills", "due"]);
    await ticket({ ...everything, queue: "Internal" });
    expect(server.tickets()).toMatchObject([{ ...both, priority: "3", user_id: AGENT, team_id: 1 }]);
  });

  it("a ticket without a description has its subject there: the OCA's tickets need one", async () => {
    const { server, ticket } = await start({ application: "oca-helpdesk" });
    await ticket({ subject: "Pump & valve" });
    expect(server.tickets()[0]?.["description"]).toBe("<p>Pump &amp; valve</p>");
  });

  it("makes a tag once, and goes without where the account may not make one", async () => {
    const { server, ticket, logged } = await start();
    await ticket({ tags: ["leak"] });
    server.records.denied.add("project.tags/create");
    await ticket({ tags: ["leak", "flood"] }, "deskferry/city/3f9a/2");
    expect(server.records.rowsOf("project.tags")).toHaveLength(1);
    expect(server.tickets().map((row) => (row["tag_ids"] as number[]).length)).toEqual([1, 1]);
    expect(logged).toEqual([expect.stringMatching(/tags/)]);
  });

  it("tells once of an assignee who is nobody and of a time that has no place", async () => {
    const { server, ticket, logged } = await start();
    for (const epoch of [1, 2]) {
      const due = { firstAnswer: "2026-11-24T09:00:00Z" };
      await ticket({ assignee: "nobody", due }, `deskferry/city/3f9a/${epoch}`);
    }
    expect(server.tickets()).toHaveLength(2);
    expect(logged).toHaveLength(2);
  });

  it("names what is missing before anything is made: a team, the field for our id", async () => {
    const { server, ticket } = await start();
    await expect(ticket({ queue: "Pumps" })).rejects.toMatchObject({ kind: "config" });
    const other = await start({}, { fields: { ticket: "x_other" } });
    await expect(other.ticket()).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/project\.task has no field x_other/),
    });
    expect([...server.tickets(), ...other.server.tickets()]).toEqual([]);
  });

  it("takes the stage of the ticket's own project, though another has one of that name before it", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    await connector.updateTicket?.(id, { status: "solved" });
    expect(server.tickets()[0]?.["stage_id"]).toBe(4);
  });

  it("believes a status only when it is seen: a rule of Odoo may move the ticket on", async () => {
    const { connector, ticket } = await start({ rule: { from: 2, to: 3 } });
    const { id } = await ticket();
    await expect(connector.updateTicket?.(id, { status: "open" })).rejects.toMatchObject({
      kind: "rejected",
      operatorMessage: expect.stringMatching(/"On Hold" instead of "In Progress"/),
    });
  });

  it("says that no stage stands for a status", async () => {
    const { connector, ticket } = await start({}, { statuses: { New: "new" } });
    const { id } = await ticket();
    await expect(connector.updateTicket?.(id, { status: "open" })).rejects.toMatchObject({ kind: "config" });
  });
});

describe("messages in Odoo", () => {
  it("are the person's, by an address of our account, and cost one call each", async () => {
    const { server, connector, ticket } = await start();
    const { id, contactId } = await ticket();
    await connector.addComment(comment(id, "wamid.1", { contactId }));
    server.calls.length = 0;
    await connector.addComment(comment(id, "wamid.2", { contactId, body: "a\n  <b>" }));
    expect(server.calls.map(({ method }) => method)).toEqual(["message_post"]);
    expect(server.written(Number(id))[1]).toMatchObject({
      author_id: Number(contactId),
      email_from: '"Dan Desk" <dan@example.org>',
      body: "<p>a<br>&nbsp; &lt;b&gt;</p>",
      subtype_id: 1,
      message_type: "comment",
    });
  });

  it("P19: a note is our account's and internal, also when it is about a person", async () => {
    const { server, connector, ticket } = await start();
    const { id, contactId } = await ticket();
    await connector.addComment(comment(id, "note/1", { contactId, visibility: "internal" }));
    expect(server.written(Number(id))).toMatchObject([{ subtype_id: 2, author_id: 3 }]);
  });

  it("take their files along, which belong to the ticket then", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    const attachments = [
      attachmentOf("a/b.png", "image/png", Buffer.from("png")),
      attachmentOf("empty.txt", "text/plain; charset=utf-8", Buffer.alloc(0)),
    ];
    await connector.addComment(comment(id, "wamid.1", { attachments }));
    const task = { res_model: "project.task", res_id: Number(id) };
    expect(server.records.rowsOf("ir.attachment")).toMatchObject([
      { ...task, name: "a/b.png", mimetype: "image/png", datas: Buffer.from("png") },
      { ...task, name: "empty.txt", mimetype: "text/plain", datas: Buffer.alloc(0) },
    ]);
  });

  it("P18: our id of a message is its Message-Id, whatever it is made of", () => {
    for (const id of ["wamid.HBgMNDQ3NzAw+1/A==", "note/deskferry/city/3f9a/1", "Łódź 🔦"]) {
      expect(messageIdOf(id)).toMatch(/^<[\w.-]+@deskferry>$/);
      expect(externalIdOf(messageIdOf(id))).toBe(id);
    }
    expect(externalIdOf("<1699.22@odoo-openerp-5-project.task>")).toBeUndefined();
  });
});

describe("the check of Odoo", () => {
  it("passes, by either interface, and names stages that stand for nothing", async () => {
    for (const [options, settings] of [
      [{ application: "helpdesk" }, {}],
      [{ version: 17 }, { ...byRpc, statuses: { New: "new", "In Progress": "open", Solved: "solved" } }],
    ] as [OdooOptions, object][]) {
      const { connector } = await start(options, settings);
      const lines = (await connector.checkConnection?.()) ?? [];
      expect(lines.join("\n")).toMatch(options.version === 17 ? /JSON-RPC/ : /JSON-2/);
      const warnings = lines.filter((text) => text.startsWith("WARNING"));
      expect(warnings).toEqual(
        options.version === 17
          ? [expect.stringMatching(/"On Hold", "Cancelled"/), expect.stringMatching(/pending, closed/)]
          : [],
      );
    }
  });

  const problems: [name: string, settings: object, spoil: (server: Odoo) => void, says: RegExp][] = [
    [
      "an account without an address",
      {},
      (server) => void delete server.records.rowOf("res.users", ACCOUNT)["email_formatted"],
      /e-mail address/,
    ],
    ["a language that is not installed", { language: "de_DE" }, () => undefined, /de_DE/],
    [
      "a field that is not there",
      { fields: { contact: "x_gone" } },
      () => undefined,
      /res\.partner has no field x_gone/,
    ],
    [
      "a field of another kind",
      { fields: { contact: "x_vip" } },
      () => undefined,
      /boolean; it must be char/,
    ],
    [
      "a right that is missing",
      {},
      (server) => void server.records.denied.add("res.partner/create"),
      /may not create records of res\.partner/,
    ],
    ["a project that is not there", { queue: "Pumps" }, () => undefined, /"Pumps"/],
    ["a number that no project has", { queue: "77" }, () => undefined, /number 77/],
  ];
  it.each(problems)("finds %s", async (_, settings, spoil, says) => {
    const { server, connector } = await start({}, settings);
    spoil(server);
    await expect(connector.checkConnection?.()).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(says),
    });
  });
});
