import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "./callback-server.ts";
import { ANA, NUMBER, type Pair, startPair, TOKEN, template, text, ticketUpdate } from "./graph-setup.ts";

const DAY = 24 * 60 * 60 * 1000;
let now: number;
let pair: Pair;
beforeEach(async () => {
  now = Date.parse("2026-11-21T10:00:00Z");
  pair = await startPair({ clock: { now: () => now } });
});
afterEach(() => pair.stop());

interface Ledger {
  sends: { wamid: string; person: string; text: string; callbackData?: string; template?: object }[];
  refused: { code: number; callbackData?: string }[];
  statuses: { state: string; lost: boolean }[];
  pendingWebhooks: number;
}

async function ledger(): Promise<Ledger> {
  return (await pair.control("GET", "/ledger")).body as Ledger;
}

const codeOf = (answer: { body: never }) => (answer.body as { error?: { code: number } }).error?.code;

/** States reported by webhook so far, in order of arrival. */
function states(): Record<string, never>[] {
  return pair.callback.caught.flatMap(({ body }) => {
    const { entry } = JSON.parse(body.toString("utf8")) as {
      entry: { changes: { value: Record<string, never> }[] }[];
    };
    return entry.flatMap((each) => each.changes.flatMap((change) => change.value["statuses"] ?? []));
  });
}

test("a text is accepted while the window is open, and its statuses carry the sender's own reference", async () => {
  await pair.write({ text: "hello" });
  const answer = await pair.send(text("hi Ana"));
  expect(answer.status).toBe(200);
  const { contacts, messages } = answer.body as { contacts: object[]; messages: { id: string }[] };
  expect(contacts).toEqual([expect.objectContaining({ input: ANA.phone, wa_id: "447700900123" })]);
  await eventually(() => states().length === 3 || undefined);
  expect(
    states()
      .map((status) => status["status"])
      .sort(),
  ).toEqual(["delivered", "read", "sent"]);
  for (const status of states()) {
    expect(status).toMatchObject({ id: messages[0]?.id, biz_opaque_callback_data: "intent-1" });
  }
  expect((await ledger()).sends).toEqual([
    expect.objectContaining({
      person: ANA.phone,
      text: "hi Ana",
      callbackData: "intent-1",
      wamid: messages[0]?.id,
    }),
  ]);
});

test("P12: free text is refused from 24 hours after the person's message on, by the message's own time", async () => {
  await pair.write({ text: "hello" });
  now += DAY - 1;
  expect((await pair.send(text("in time"))).status).toBe(200);
  now += 1;
  const late = await pair.send(text("too late"));
  expect([late.status, codeOf(late)]).toEqual([400, 131047]);
  await pair.write({ text: "delayed for two days", sentAt: now - 2 * DAY });
  expect(codeOf(await pair.send(text("still too late")))).toBe(131047);
  expect((await pair.send(ticketUpdate("Ana", "7"))).status).toBe(200);
  expect((await ledger()).refused.map(({ code }) => code)).toEqual([131047, 131047]);
});

test("P12: the sandbox clock can be put forward, so that a demo can close the window", async () => {
  await pair.write({ text: "hello" });
  await pair.control("POST", "/clock", { advanceMs: DAY });
  expect(codeOf(await pair.send(text("too late")))).toBe(131047);
});

test("P12: a window belongs to one person and one number", async () => {
  await pair.write({ text: "hello" });
  expect(codeOf(await pair.send(text("who are you", "+447700900999")))).toBe(131047);
});

test("a template arrives filled in, header and body", async () => {
  await pair.send(ticketUpdate("Ana", "7"));
  expect((await ledger()).sends[0]).toMatchObject({
    text: "News on #7\nHello Ana, your report 7 is now solved.",
    template: { name: "ticket_update", language: "en" },
  });
});

const named = (name: string) =>
  template("named_update", "pt_BR", [
    { type: "body", parameters: [{ type: "text", parameter_name: name, text: "Ana" }] },
  ]);

test.each([
  ["an unknown name", template("nothing", "en", []), 404, 132001],
  ["another language", template("ticket_update", "de", []), 404, 132001],
  ["one not yet approved", template("waiting", "en", []), 404, 132001],
  ["too few parameters", ticketUpdate("Ana"), 400, 132000],
  ["too many parameters", ticketUpdate("Ana", "7", "8"), 400, 132000],
  ["an empty parameter", ticketUpdate("Ana", ""), 400, 132012],
  ["a line break in a parameter", ticketUpdate("Ana", "a\nb"), 400, 132012],
  ["five spaces in a parameter", ticketUpdate("Ana", "a     b"), 400, 132012],
  ["a wrong parameter name", named("name"), 400, 132012],
  ["a text over 1024 characters", ticketUpdate("Ana", "x".repeat(1100)), 400, 132005],
])("P14: a template with %s is refused", async (_name, body, status, code) => {
  const answer = await pair.send(body);
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  expect((await ledger()).sends).toHaveLength(0);
});

test("P14: named parameters and a missing button parameter are checked like Meta does", async () => {
  expect((await pair.send(named("first_name"))).status).toBe(200);
  const body = ticketUpdate("Ana", "7");
  body.template.components = body.template.components.slice(0, 2);
  expect(codeOf(await pair.send(body))).toBe(131008);
});

test("P15: a paused template is refused, and the pause is told by webhook", async () => {
  await pair.control("PATCH", "/templates", { name: "ticket_update", language: "en", status: "PAUSED" });
  expect(codeOf(await pair.send(ticketUpdate("Ana", "7")))).toBe(132015);
  const { entry } = JSON.parse(pair.callback.caught[0]?.body.toString("utf8") ?? "") as {
    entry: { changes: { field: string; value: object }[] }[];
  };
  expect(entry[0]?.changes[0]).toMatchObject({
    field: "message_template_status_update",
    value: { event: "PAUSED", message_template_name: "ticket_update" },
  });
});

test.each([
  ["no token", text("hello"), "", 401, 190],
  ["a wrong token", text("hello"), "wrong", 401, 190],
  ["over 4096 characters", text("x".repeat(4097)), TOKEN, 400, 131009],
  ["no recipient", { messaging_product: "whatsapp", text: { body: "x" } }, TOKEN, 400, 100],
  ["no product", { to: ANA.phone, text: { body: "x" } }, TOKEN, 400, 100],
  ["an unknown type", { messaging_product: "whatsapp", to: ANA.phone, type: "smell" }, TOKEN, 400, 131051],
  ["a name in place of a phone", text("x", "Ana"), TOKEN, 400, 131009],
])("a send with %s is refused in Meta's words", async (_name, body, token, status, code) => {
  const answer = await pair.send(body, token);
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
});

test("a text of 4096 characters is the longest that passes", async () => {
  await pair.write({ text: "hello" });
  expect((await pair.send(text("x".repeat(4096)))).status).toBe(200);
});

test("P16: a file's address lasts five minutes, its id seven days, and both want the token", async () => {
  const bytes = Buffer.from("a photo");
  await pair.write({ type: "image", media: { mimeType: "image/jpeg", base64: bytes.toString("base64") } });
  const id = /"id":"(\d{16})"/.exec(pair.callback.caught[0]?.body.toString("utf8") ?? "")?.[1] ?? "";
  const described = (await pair.get(`${id}?phone_number_id=${NUMBER}`)).body as Record<string, string>;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(described).toMatchObject({ id, mime_type: "image/jpeg", file_size: bytes.length, sha256 });
  const url = described["url"] ?? "";
  const fetchAs = (token: string) => fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  expect((await fetchAs("wrong")).status).toBe(401);
  const good = await fetchAs(TOKEN);
  expect(Buffer.from(await good.arrayBuffer())).toEqual(bytes);
  expect(
    (await fetch(url.replace(/hash=./, "hash=z"), { headers: { Authorization: `Bearer ${TOKEN}` } })).status,
  ).toBe(404);
  now += 5 * 60 * 1000;
  expect((await fetchAs(TOKEN)).status).toBe(404);
  const again = (await pair.get(id)).body as Record<string, string>;
  expect((await fetch(again["url"] ?? "", { headers: { Authorization: `Bearer ${TOKEN}` } })).status).toBe(
    200,
  );
  now += 7 * DAY;
  expect(codeOf(await pair.get(id))).toBe(100);
  expect(codeOf(await pair.get(`${id}?phone_number_id=1`))).toBe(100);
});

test("the number and the list of templates can be read for checks", async () => {
  const shown = (await pair.get(`${NUMBER}?fields=display_phone_number,verified_name`)).body;
  expect(shown).toEqual({
    id: NUMBER,
    display_phone_number: "+44 1632 960961",
    verified_name: "City of Example",
  });
  const apps = (await pair.get("102290129340398/subscribed_apps")).body as { data: object[] };
  expect(apps.data).toEqual([
    { whatsapp_business_api_data: expect.objectContaining({ name: "Deskferry sandbox" }) },
  ]);
  const first = (await pair.get("102290129340398/message_templates?limit=2")).body as {
    data: object[];
    paging: { next?: string; cursors: { after: string } };
  };
  expect(first.data).toHaveLength(2);
  const rest = (
    await pair.get(`102290129340398/message_templates?limit=2&after=${first.paging.cursors.after}`)
  ).body as {
    data: { name: string }[];
    paging: { next?: string };
  };
  expect(rest.data.map(({ name }) => name)).toEqual(["waiting"]);
  expect(rest.paging.next).toBeUndefined();
});

test("a scripted error code has no effect; a reset after the commit has its effect", async () => {
  await pair.write({ text: "hello" });
  await pair.control("POST", "/faults", { code: 130429, times: 2 });
  expect(codeOf(await pair.send(text("one")))).toBe(130429);
  expect(codeOf(await pair.send(text("one")))).toBe(130429);
  expect((await ledger()).sends).toHaveLength(0);
  await pair.control("POST", "/faults", { operation: "send", reset: true, when: "before" });
  await expect(pair.send(text("two"))).rejects.toThrow();
  expect((await ledger()).sends).toHaveLength(0);
  await pair.control("POST", "/faults", { operation: "send", reset: true, when: "after" });
  await expect(pair.send(text("three"))).rejects.toThrow();
  expect((await ledger()).sends.map((send) => send.text)).toEqual(["three"]);
  expect((await pair.send(text("four"))).status).toBe(200);
});

test("P13: a failure can come later by status, with its reason and without contacts", async () => {
  await pair.write({ text: "hello" });
  await pair.control("POST", "/faults", { code: 131026, delivery: "status" });
  expect((await pair.send(text("one"))).status).toBe(200);
  const [failed] = await eventually(() => (states().length > 0 ? states() : undefined));
  expect(failed).toMatchObject({
    status: "failed",
    errors: [{ code: 131026, title: "Message undeliverable" }],
  });
  expect(pair.callback.caught.at(-1)?.body.toString("latin1")).not.toContain('"contacts"');
});

test("statuses can be lost, doubled, shuffled and left out", async () => {
  await pair.write({ text: "hello" });
  await pair.control("PUT", "/statuses", { delaysMs: { sent: 0, delivered: 0 }, lose: 1 });
  await pair.send(text("lost"));
  await eventually(async () => ((await ledger()).statuses.length === 2 ? true : undefined));
  expect((await ledger()).statuses.every((status) => status.lost)).toBe(true);
  expect(states()).toHaveLength(0);
  await pair.control("PUT", "/statuses", { lose: 0, double: 1 });
  await pair.send(text("doubled"));
  await eventually(() => states().length === 4 || undefined);
  const orders = new Set<string>();
  await pair.control("PUT", "/statuses", { double: 0, shuffle: true });
  await eventually(async () => {
    const before = (await ledger()).statuses.length;
    await pair.send(text("shuffled"));
    await eventually(async () => (await ledger()).statuses.length === before + 2 || undefined);
    orders.add(
      (await ledger()).statuses
        .slice(before)
        .map((status) => status.state)
        .join(),
    );
    return orders.size === 2 || undefined;
  });
});

test("a status can come before the send request is answered", async () => {
  await pair.write({ text: "hello" });
  await pair.control("PUT", "/statuses", { beforeAnswer: true, delaysMs: { sent: 0 } });
  await pair.send(text("quick"));
  expect(states().map((status) => status["status"])).toEqual(["sent"]);
});

test("the event stream replays what happened and goes on with what happens", async () => {
  await pair.write({ text: "before" });
  const stream = await fetch(`${pair.graph.url}/sandbox/events`);
  const reader = stream.body?.getReader();
  let heard = "";
  const listening = (async () => {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return;
      heard += Buffer.from(part.value).toString("utf8");
    }
  })();
  await eventually(() => heard.includes("before") || undefined);
  await pair.write({ text: "after" });
  await eventually(() => heard.includes('"after"') || undefined);
  expect(heard).toMatch(/^id: 1$/m);
  await reader?.cancel();
  await listening;
});
