import type { HelpdeskEvent, WebhookRequest } from "deskferry/sdk";
import { startWebhookReceiver, type WebhookReceiver } from "deskferry/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import zammad from "../../connectors/zammad/index.ts";
import { createClock } from "../support/clock.ts";
import { key, openConnector, told } from "./connector-bench.ts";
import {
  AGENT,
  ATTRIBUTE,
  DESKFERRY,
  SECRET,
  startZammad,
  TOKEN,
  type Zammad,
  type ZammadOptions,
} from "./zammad-server.ts";

const opened: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each.stop();
});

async function start(options: ZammadOptions = {}, settings: object = {}) {
  const clock = createClock("2026-11-20T09:00:00Z");
  const server = await startZammad({ now: clock.now, indexLagMs: 3_600_000, ...options });
  opened.push(server);
  const bench = openConnector(
    zammad,
    {
      url: server.url,
      token: TOKEN,
      account: String(DESKFERRY),
      webhookSecret: SECRET,
      ...settings,
    },
    clock,
  );
  async function hook() {
    const receiver = await startWebhookReceiver();
    opened.push(receiver);
    server.sendWebhooksTo(receiver.url);
    const events = async () => (await received(server, receiver)).flatMap((request) => parsed(request));
    const parsed = (request: WebhookRequest) => bench.connector.parseWebhook(request) as HelpdeskEvent[];
    return { events, requests: () => received(server, receiver) };
  }
  return { server, ...bench, hook, pass: clock.advance, clock };
}

async function received(server: Zammad, receiver: WebhookReceiver): Promise<readonly WebhookRequest[]> {
  await server.sent();
  return receiver.received;
}

function message(ticketId: string, externalId: string, body = "Hello", more: object = {}) {
  return { ticketId, externalId, body, visibility: "public" as const, attachments: [], ...more };
}

describe("contacts in Zammad", () => {
  it("P02: are known at once, though the search follows an hour behind, and cost one call when nothing differs", async () => {
    const { server, contact } = await start();
    await contact();
    await contact();
    await contact({ name: "Ann Jones" });
    expect(server.calls.map(({ method }) => method)).toEqual(["GET", "POST", "GET", "GET", "PUT"]);
    expect(server.users.slice(2)).toMatchObject([
      { login: key.externalId, firstname: "Ann", lastname: "Jones", mobile: key.phone },
    ]);
  });

  it("P04: are kept apart where their ids differ in capitals only", async () => {
    const { connector } = await start();
    const ids = ["US.aB1", "US.Ab1", "US.ab1"].map((userId) =>
      connector.upsertContact({ externalId: `whatsapp:${userId}`, userId }, { name: "Lee" }),
    );
    expect(new Set((await Promise.all(ids)).map(({ id }) => id)).size).toBe(3);
  });

  it("P01: are one when two make them at the same moment, and the second one is told of", async () => {
    const { contact, logged } = await start();
    const [one, other] = await Promise.all([contact(), contact()]);
    expect(one.id).toBe(other.id);
    expect(logged.join()).toMatch(/twice at the same moment/);
  });

  it("keep their names in order, also with a comma", async () => {
    const { server, contact } = await start();
    for (const name of ["Smith, Ann", "Dr. Ann  Smith", "Ann"]) {
      await contact({ name });
      const { firstname, lastname } = server.users[2] ?? {};
      expect(`${firstname} ${lastname}`.trim()).toBe(name.replace("  ", " "));
    }
  });

  it("go without an address or an organisation that Zammad refuses, and neither is named in the log", async () => {
    const { server, contact, logged } = await start();
    await contact({ email: "emma@example.org", organisation: "Village", language: "en" });
    expect(server.users[2]).toMatchObject({ email: "", firstname: "Ann" });
    expect(server.users[2]).not.toHaveProperty("organization");
    expect(logged.join()).toMatch(/"part":"email".*"part":"organization"/);
    expect(logged.join()).not.toMatch(/emma|Village/);
  });

  it("are told of once where users have no such attribute", async () => {
    const { contact, logged } = await start();
    for (const _ of [1, 2]) await contact({ custom: { note: "calls at night", colour: "secret red" } });
    expect(logged).toEqual([expect.stringMatching(/users have no attribute colour/)]);
  });

  it("are not made where a proxy takes the header away by which they are known", async () => {
    const { server, contact } = await start({ dropsFrom: true });
    await expect(contact()).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/From/),
    });
    expect(server.users).toHaveLength(2);
  });
});

describe("tickets in Zammad", () => {
  it("take every field", async () => {
    const fields = { skills: "skills", firstAnswer: "first_answer", solution: "solution" };
    const { server, ticket } = await start(
      { attributes: [ATTRIBUTE, "skills", "first_answer", "solution", "district"] },
      { fields },
    );
    await ticket({
      subject: "Two\nlines",
      description: "a <b>",
      queue: "Street lights",
      priority: "urgent",
      assignee: "emma",
      tags: ["a, b", "c"],
      skills: ["Swahili", "pumps"],
      due: { firstAnswer: "2026-11-23T10:00:00+01:00", solution: "2026-11-24T09:00:00Z" },
      custom: { district: "North" },
    });
    expect(server.tickets[0]).toMatchObject({
      title: "Two lines",
      group: "Street lights",
      priority: "3 high",
      owner_id: AGENT,
      tags: ["a b", "c"],
      skills: "Swahili, pumps",
      first_answer: "2026-11-23T10:00:00+01:00",
      solution: "2026-11-24T09:00:00Z",
      district: "North",
      [ATTRIBUTE]: "deskferry/city/3f9a/1",
      articles: [
        {
          type: "web",
          sender: "Customer",
          internal: false,
          body: "a <b>",
          origin_by_id: server.users[2]?.id,
        },
      ],
    });
  });

  it("P19: begin with a note that nobody but agents sees where there is no description", async () => {
    const { server, ticket } = await start();
    await ticket();
    expect(server.tickets[0]?.articles).toMatchObject([{ type: "note", internal: true, body: "Pump" }]);
  });

  it("are made without an owner whom Zammad does not know, and what is lost is told once", async () => {
    const { server, ticket, logged } = await start();
    for (const epoch of [1, 2])
      await ticket({ assignee: "nobody", custom: { colour: "secret red" } }, `deskferry/city/3f9a/${epoch}`);
    expect(server.tickets.map(({ owner_id }) => owner_id)).toEqual([1, 1]);
    expect(logged.filter((line) => /colour/.test(line))).toHaveLength(1);
    expect(logged.join()).not.toMatch(/red/);
  });

  it("are told of where the attribute cuts our id", async () => {
    const { ticket, logged } = await start({ attributeLength: 20 });
    await ticket();
    expect(logged.join()).toMatch(/our id was cut/);
  });

  it("take group and owner by number, too", async () => {
    const { server, ticket } = await start({}, { group: "2" });
    await ticket({ assignee: String(AGENT) });
    expect(server.tickets[0]).toMatchObject({ group: "Street lights", owner_id: AGENT });
  });

  it("are an affair of the settings where the group is unknown", async () => {
    const { server, ticket } = await start({}, { group: "Pumps" });
    await expect(ticket()).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/group/),
    });
    expect(server.tickets).toEqual([]);
  });

  it("P01: are found at once, whatever the index knows", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    expect((await connector.findTicket?.("deskferry/city/3f9a/1"))?.id).toBe(id);
    expect(server.calls.some(({ query }) => query.includes("query="))).toBe(false);
  });

  it("are not found by the wrong id where Zammad heeds no conditions", async () => {
    const { connector, ticket } = await start({ ignoresConditions: true });
    const { id } = await ticket();
    expect((await connector.findTicket?.("deskferry/city/3f9a/1"))?.id).toBe(id);
    expect(await connector.findTicket?.("deskferry/city/3f9a/2")).toBeUndefined();
  });

  it("are given a time with a state that waits, and no other state than the settings name", async () => {
    const { server, connector, ticket } = await start(
      {},
      { statuses: { open: "open", "pending close": "solved" } },
    );
    const { id } = await ticket();
    await connector.updateTicket?.(id, { status: "solved" });
    expect(server.tickets[0]?.state).toBe("pending close");
    await expect(connector.updateTicket?.(id, { status: "closed" })).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/statuses.*"closed"/),
    });
  });
});

describe("articles in Zammad", () => {
  it("are the person's own where they are theirs, and notes of ours else", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    const contactId = String(server.users[2]?.id);
    await connector.addComment(message(id, "m1", "hers", { contactId }));
    await connector.addComment(message(id, "m2", "for staff", { contactId, visibility: "internal" }));
    await connector.addComment(message(id, "m3", "said by us"));
    expect(server.tickets[0]?.articles.slice(1)).toMatchObject([
      { type: "web", sender: "Customer", internal: false, origin_by_id: Number(contactId), message_id: "m1" },
      { type: "note", sender: "Agent", internal: true, origin_by_id: null },
      { type: "note", sender: "Agent", internal: false, origin_by_id: null },
    ]);
  });

  const article = { type: "note", sender: "Agent", internal: false };
  it.each([
    ["a public note of an agent", article, "public"],
    ["an internal note", { ...article, internal: true }, "internal"],
    ["a call that an agent wrote down", { ...article, type: "phone" }, "internal"],
    ["an e-mail that reaches the person by itself", { ...article, type: "email" }, "internal"],
    ["a message of another channel", { ...article, type: "whatsapp message" }, "internal"],
    ["a note of a trigger", { ...article, sender: "System" }, "internal"],
    ["what the person wrote in the portal", { ...article, type: "web", sender: "Customer" }, "internal"],
    ["a type that nobody knows yet", { ...article, type: "telepathy" }, "internal"],
    ["one without a type", { ...article, type: undefined }, "internal"],
    ["one that does not say whether it is internal", { ...article, internal: undefined }, "internal"],
  ])("P19: %s is, by webhook and by polling, what it must be", async (_, given, expected) => {
    const { server, ticket, poll, hook, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(2_000);
    const { events } = await hook();
    server.write(id, { body: "<p>words</p>", ...given });
    const both = [...(await events()), ...(await poll(cursor)).events];
    expect(both.map((event) => event.type === "comment.added" && event.visibility)).toEqual([
      expected,
      expected,
    ]);
  });

  it("P19: are replies of further types where the settings say so, but internal ones never", async () => {
    const { server, ticket, poll, pass } = await start({}, { replyTypes: ["note", "phone"] });
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(2_000);
    for (const internal of [true, false])
      server.write(id, { body: "called", ...article, type: "phone", internal });
    expect(told((await poll(cursor)).events)).toEqual(["internal them: called", "public them: called"]);
  });

  it("bring pictures of their text along, but none of another article that they quote", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    const picture = {
      filename: "44.2628@zammad",
      mimeType: "image/png",
      bytes: Buffer.from("png"),
      isInline: true,
    };
    const secret = server.write(id, { body: "<p>ours</p>", internal: true }, [picture]);
    const { cursor } = await poll(undefined);
    pass(2_000);
    const reply = server.write(id, { body: "" }, [
      picture,
      { ...picture, filename: "a.pdf", isInline: false },
    ]);
    const address = (of: typeof reply) =>
      `/api/v1/ticket_attachment/${id}/${of.id}/${of.files[0]?.id}?view=inline`;
    reply.body = `<p>see<br><img src="${address(reply)}"></p><blockquote><img src="${address(secret)}"></blockquote>`;
    const [event] = (await poll(cursor)).events;
    expect(event).toMatchObject({
      body: "see",
      attachments: [
        { id: `${reply.id}/${reply.files[1]?.id}`, name: "a.pdf" },
        { id: `${reply.id}/${reply.files[0]?.id}`, name: `picture-${reply.files[0]?.id}` },
      ],
    });
  });

  it("have no file that Zammad forbids because it is not theirs", async () => {
    const { server, connector, ticket } = await start();
    const { id: ticketId } = await ticket();
    const { id } = server.write(ticketId, { body: "see" });
    const fetched = connector.fetchAttachment?.(
      { id: `${id}/999`, name: "a", ticketId },
      { path: "/dev/null/never", maxBytes: 9 },
    );
    await expect(fetched).rejects.toMatchObject({ kind: "not_found" });
  });
});

describe("webhooks of Zammad", () => {
  it("P32: tell a state under the id that polling gives it", async () => {
    const { server, ticket, poll, hook, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(2_000);
    const { events } = await hook();
    server.setState(id, "pending close");
    const [pushed] = await events();
    const [polled] = (await poll(cursor)).events;
    expect(pushed).toMatchObject({
      to: "solved",
      author: { id: String(AGENT), isUs: false },
      ticket: { queue: "Users" },
    });
    expect(polled).toMatchObject({ id: pushed?.id, from: "new", to: "solved" });
  });

  it("P18: tell nothing of a state that we set, though an agent touched the ticket before they left", async () => {
    const { server, connector, ticket, hook } = await start({ webhookDelayMs: 100 });
    const { id } = await ticket();
    const { events } = await hook();
    await connector.updateTicket?.(id, { status: "open" });
    server.write(id, { body: "<p>I take it</p>", internal: true });
    expect(told(await events())).toEqual(["internal them: I take it"]);
  });

  it("leave a state to polling that a trigger or the scheduler set", async () => {
    const { server, ticket, hook } = await start();
    const { id } = await ticket();
    const { events, requests } = await hook();
    server.setState(id, "closed", 1);
    expect(await events()).toEqual([]);
    expect(await requests()).toHaveLength(1);
  });

  it("bring no article of another ticket than the one they tell of", async () => {
    const { server, connector, ticket, hook } = await start();
    const { id } = await ticket();
    const { requests } = await hook();
    server.write(id, { body: "<p>done</p>" });
    const [request] = await requests();
    if (!request) throw new Error("no webhook came");
    const body = Buffer.from(request.body.toString().replace(`"ticket_id":${id}`, '"ticket_id":7'));
    expect(connector.parseWebhook({ ...request, body })).toEqual([]);
  });

  it("leave a state to polling that somebody else may have set", async () => {
    const { server, connector, ticket, hook, poll, pass } = await start({ webhookDelayMs: 100 });
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(2_000);
    const { events } = await hook();
    server.setState(id, "closed");
    server.setState(id, "open");
    await connector.addComment(message(id, "m1"));
    expect(told(await events())).toEqual(["public us: Hello"]);
    expect(told((await poll(cursor)).events)).toEqual(["new → closed by them", "closed → open by them"]);
  });

  it("tell of states by the trigger of that name only, and of nobody else's tickets", async () => {
    const { server, connector, ticket, hook } = await start();
    const { id } = await ticket();
    const { requests } = await hook();
    server.setState(id, "closed");
    const [request] = await requests();
    if (!request) throw new Error("no webhook came");
    const other = { ...request, headers: { ...request.headers, "x-zammad-trigger": "Close at night" } };
    expect(connector.parseWebhook(other)).toEqual([]);
    const body = Buffer.from(request.body.toString().replace("deskferry/city/3f9a/1", ""));
    expect(connector.parseWebhook({ ...request, body })).toEqual([]);
    expect(connector.parseWebhook(request)).toHaveLength(1);
  });

  it("P21: are taken within half an hour of what they tell, and by any of several secrets", async () => {
    const { server, connector, ticket, hook, pass } = await start(
      {},
      { webhookSecret: ["a newer secret", SECRET] },
    );
    const { id } = await ticket();
    const { requests } = await hook();
    server.write(id, { body: "<p>done</p>" });
    const [request] = await requests();
    if (!request) throw new Error("no webhook came");
    pass(29 * 60_000);
    expect(connector.verifyWebhook?.(request)).toBe(true);
    pass(2 * 60_000);
    expect(connector.verifyWebhook?.(request)).toBe(false);
  });
});

describe("polling Zammad", () => {
  it("P18: tells our states from others', and gives no echo of our articles", async () => {
    const { server, connector, ticket, poll, pass } = await start();
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    const next = async () => {
      pass(40_000);
      const answer = await poll(cursor);
      cursor = answer.cursor;
      return told(answer.events);
    };
    expect(await next()).toEqual([]);
    server.setState(id, "closed");
    await connector.addComment(message(id, "m1"));
    expect(await next()).toEqual(["new → closed by them"]);
    await connector.updateTicket?.(id, { status: "open" });
    expect(await next()).toEqual(["closed → open by us"]);
    server.setState(id, "merged");
    server.setState(id, "closed");
    expect(await next()).toEqual(["open → closed by them"]);
  });

  it("P10: passes over nothing on the tickets behind a page, however old it is by then", async () => {
    const { server, ticket, poll, pass } = await start();
    for (let epoch = 1; epoch <= 120; epoch++) await ticket({}, `deskferry/city/3f9a/${epoch}`);
    pass(60_000);
    let { cursor } = await poll(undefined);
    pass(60_000);
    for (const { id } of server.tickets) server.write(String(id), { body: `first ${id}` });
    pass(600_000);
    for (const { id } of server.tickets.slice(0, 60)) server.write(String(id), { body: `second ${id}` });
    const seen: string[] = [];
    for (let more = true; more; ) {
      const answer = await poll(cursor);
      ({ cursor, more } = answer);
      seen.push(...answer.events.map(({ id }) => id));
    }
    expect(new Set(seen).size).toBe(180);
    expect(seen).toHaveLength(180);
  });

  it("looks into a ticket that changed once", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    pass(5_000);
    server.write(id, { body: "done" });
    const asked: number[] = [];
    for (const _ of [1, 2, 3, 4, 5, 6, 7, 8]) {
      pass(5_000);
      server.calls.length = 0;
      ({ cursor } = await poll(cursor));
      asked.push(server.calls.length);
    }
    expect(asked).toEqual([3, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("goes on where an article was deleted before it was read", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(5_000);
    for (const body of ["one", "two"]) server.write(id, { body });
    server.tickets[0]?.articles.splice(1, 1);
    expect(told((await poll(cursor)).events)).toEqual(["public them: two"]);
  });

  it("stops with a word rather than go through all tickets there are", async () => {
    const { ticket, poll, pass } = await start({ ignoresConditions: true });
    await ticket();
    pass(60_000);
    await expect(poll(undefined)).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/conditions/),
    });
  });
});

describe("checking Zammad", () => {
  it.each<[string, ZammadOptions, object, RegExp]>([
    ["another account's token", {}, { account: "9" }, /account: .* 3;/],
    ["no right to ask for users", { permissions: ["ticket.agent"] }, {}, /admin\.user/],
    ["no attribute", { attributes: [] }, {}, /attribute deskferry_key/],
    ["no heed of conditions", { ignoresConditions: true }, {}, /did not heed/],
    ["no such state", { states: ["new", "open", "closed"] }, {}, /pending reminder, pending close/],
  ])("names what is wrong: %s", async (_, options, settings, expected) => {
    const { connector, ticket } = await start(options, settings);
    if (options.ignoresConditions) await ticket();
    await expect(connector.checkConnection?.()).rejects.toMatchObject({
      operatorMessage: expect.stringMatching(expected),
    });
  });

  it("says what is in order", async () => {
    const { connector } = await start();
    expect((await connector.checkConnection?.())?.join("\n")).toMatch(
      /deskferry_key is there[\s\S]*type note/,
    );
  });

  it("takes no name for an attribute that Zammad would not", () => {
    const given = { url: "https://zammad.example.org", token: "t", account: "3" };
    for (const attribute of ["deskferry_id", "some_ids", "Key", "a b"])
      expect(zammad.config.safeParse({ ...given, attribute }).success).toBe(false);
  });
});
