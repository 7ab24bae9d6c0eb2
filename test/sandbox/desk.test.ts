import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { verifyHmac } from "../../src/sdk/signature.ts";
import { eventually } from "./callback-server.ts";
import { DESK_SECRET, DESK_TOKEN, type DeskPair, openTicket, startDeskPair } from "./desk-setup.ts";

let now: number;
let pair: DeskPair;
beforeEach(async () => {
  now = Date.parse("2026-11-21T10:00:00Z");
  pair = await startDeskPair({ clock: { now: () => now } });
});
afterEach(() => pair.stop());

interface Ledger {
  contacts: { name: string }[];
  tickets: {
    id: string;
    status: string;
    comments: { body: string; external_id?: string; attachments: { sha256: string; name: string }[] }[];
  }[];
  webhooks: { attempt: number; status?: number }[];
}

async function ledger(): Promise<Ledger> {
  return (await pair.staff("GET", "/ledger")).body as Ledger;
}

async function foundBy(externalId: string): Promise<string[]> {
  const answer = await pair.api("GET", `/tickets?external_id=${encodeURIComponent(externalId)}`);
  return (answer.body as { tickets: { external_id: string }[] }).tickets.map((ticket) => ticket.external_id);
}

test("every address of the API wants the token", async () => {
  await pair.stop();
  pair = await startDeskPair({ token: "another" });
  for (const [method, path] of [
    ["GET", "/account"],
    ["PUT", "/contacts"],
    ["POST", "/tickets"],
    ["GET", "/tickets"],
    ["PATCH", "/tickets/1"],
    ["POST", "/tickets/1/comments"],
    ["GET", "/tickets/1/comments"],
    ["GET", "/attachments/1"],
    ["GET", "/changes"],
  ] as const) {
    expect((await pair.api(method, path, method === "GET" ? undefined : {})).status).toBe(401);
  }
});

test("P18: what the API account writes comes back as a signed webhook that names it", async () => {
  const ticket = await openTicket(pair);
  await pair.api("POST", `/tickets/${ticket}/comments`, { body: "hello", external_id: "m1" });
  await eventually(() => pair.callback.caught.length === 3 || undefined);
  for (const { headers, body } of pair.callback.caught) {
    const signed = `${headers["x-sandbox-timestamp"]}.${body.toString("utf8")}`;
    const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
    expect(verifyHmac([DESK_SECRET], signed, headers["x-sandbox-signature"], format)).toBe(true);
  }
  const types = pair.changes().map((change) => change["type"]);
  expect(types.map(String).sort()).toEqual(["comment.added", "contact.saved", "ticket.created"]);
  expect(pair.changes().every((change) => change["actor"]?.["id"] === "api")).toBe(true);
});

test("P18: the echo can come before the write is answered", async () => {
  await pair.staff("PUT", "/settings", { echoFirst: true });
  const ticket = await openTicket(pair);
  await pair.api("POST", `/tickets/${ticket}/comments`, { body: "hello" });
  expect(pair.callback.caught).toHaveLength(3);
});

test("P32: a webhook that is not answered with 200 comes again, three times in all", async () => {
  pair.callback.answers.push(500, 503, 500);
  await pair.api("PUT", "/contacts", { external_id: "a", name: "Ana" });
  await eventually(() => pair.callback.caught.length === 3 || undefined);
  expect((await ledger()).webhooks.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 500],
    [2, 503],
    [3, 500],
  ]);
});

test("a contact saved twice is one contact, with what the second time added", async () => {
  await pair.api("PUT", "/contacts", { external_id: "a", name: "Ana", phone: "+447700900123" });
  await pair.api("PUT", "/contacts", { external_id: "a", name: "Ana B", email: "ana@example.org" });
  expect((await ledger()).contacts).toEqual([
    expect.objectContaining({ name: "Ana B", phone: "+447700900123", email: "ana@example.org" }),
  ]);
});

test("a new record stays invisible to look-ups for the index lag, and longer ids match too", async () => {
  await pair.staff("PUT", "/settings", { lagMs: 1000 });
  await openTicket(pair, "deskferry/city/a1/1");
  await openTicket(pair, "deskferry/city/a1/10");
  expect(await foundBy("deskferry/city/a1/1")).toEqual([]);
  now += 1000;
  expect(await foundBy("deskferry/city/a1/1")).toEqual(["deskferry/city/a1/1", "deskferry/city/a1/10"]);
});

test("external ids may repeat, unless the helpdesk is told to keep them unique", async () => {
  const first = await openTicket(pair);
  await openTicket(pair);
  expect((await ledger()).tickets).toHaveLength(2);
  await pair.staff("PUT", "/settings", { externalIds: "unique" });
  const [contact] = (await ledger()).contacts as unknown as { id: string }[];
  const fresh = { external_id: "deskferry/city/a1/1", contact_id: contact?.id, subject: "again" };
  const refused = await pair.api("POST", "/tickets", fresh);
  expect(refused).toEqual({ status: 409, body: { error: "external_id_taken", id: first } });
  const comment = { body: "hello", external_id: "m1" };
  const made = await pair.api("POST", `/tickets/${first}/comments`, comment);
  const again = await pair.api("POST", `/tickets/${first}/comments`, comment);
  expect([made.status, again.status]).toEqual([201, 409]);
});

test("a reset after the commit leaves the record, a reset before leaves none", async () => {
  const ticket = await openTicket(pair);
  const add = (body: string) => pair.api("POST", `/tickets/${ticket}/comments`, { body });
  await pair.staff("POST", "/faults", { operation: "comment.add", reset: true, when: "before" });
  await expect(add("one")).rejects.toThrow();
  await pair.staff("POST", "/faults", { operation: "comment.add", reset: true, when: "after" });
  await expect(add("two")).rejects.toThrow();
  await pair.staff("POST", "/faults", {
    operation: "comment.add",
    status: 502,
    body: "<html>",
    when: "after",
  });
  expect((await add("three")).status).toBe(502);
  await pair.staff("POST", "/faults", { status: 429, headers: { "Retry-After": "7" }, times: 2 });
  expect((await add("four")).status).toBe(429);
  expect((await add("four")).status).toBe(429);
  expect((await add("five")).status).toBe(201);
  expect((await ledger()).tickets[0]?.comments.map((comment) => comment.body)).toEqual([
    "two",
    "three",
    "five",
  ]);
});

test("attachments arrive byte by byte, with names in any script", async () => {
  const ticket = await openTicket(pair);
  const bytes = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
  const form = new FormData();
  form.append("comment", JSON.stringify({ body: "photo", external_id: "m1" }));
  form.append("file", new Blob([bytes], { type: "image/jpeg" }), "صورة شارع.jpg");
  const answer = await fetch(`${pair.desk.url}/api/tickets/${ticket}/comments`, {
    method: "POST",
    headers: { Authorization: `Bearer ${DESK_TOKEN}` },
    body: form,
  });
  const { attachments } = (await answer.json()) as { attachments: { id: string; size: number }[] };
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect((await ledger()).tickets[0]?.comments[0]?.attachments).toEqual([
    expect.objectContaining({ sha256, name: "صورة شارع.jpg", mime_type: "image/jpeg", size: bytes.length }),
  ]);
  const read = await fetch(`${pair.desk.url}/sandbox/attachments/${attachments[0]?.id}`);
  expect(Buffer.from(await read.arrayBuffer())).toEqual(bytes);
});

test("staff reply, note, edit and move tickets; every change is in the feed in order", async () => {
  const ticket = await openTicket(pair);
  const start = ((await pair.api("GET", "/changes")).body as { cursor: string }).cursor;
  const note = await pair.staff("POST", `/tickets/${ticket}/comments`, {
    body: "secret",
    visibility: "internal",
  });
  await pair.staff("POST", `/tickets/${ticket}/comments`, {
    body: "We are on it",
    agent: { id: "maya", name: "Maya" },
  });
  await pair.staff("PATCH", `/tickets/${ticket}`, { status: "resolved" });
  await pair.staff("PATCH", `/tickets/${ticket}`, { status: "resolved" });
  await pair.staff("PATCH", `/comments/${(note.body as { id: string }).id}`, { visibility: "public" });
  const seen: { type: string; actor: { id: string }; changes?: object }[] = [];
  let cursor = start;
  for (let more = true; more; ) {
    const page = (await pair.api("GET", `/changes?after=${cursor}&limit=2`)).body as {
      changes: typeof seen;
      cursor: string;
      more: boolean;
    };
    seen.push(...page.changes);
    ({ cursor, more } = page);
  }
  expect(seen.map((change) => [change.type, change.actor.id])).toEqual([
    ["comment.added", "agent-1"],
    ["comment.added", "maya"],
    ["ticket.updated", "agent-1"],
    ["comment.updated", "agent-1"],
  ]);
  expect(seen[2]?.changes).toEqual({ status: { from: "new", to: "resolved" } });
  expect(((await pair.api("GET", `/changes?after=${cursor}`)).body as { changes: [] }).changes).toEqual([]);
});

test.each([
  ["PUT", "/contacts", { name: "Ana" }, 422],
  ["POST", "/tickets", { subject: "x", contact_id: "1" }, 422],
  ["PATCH", "/tickets/9", { status: "resolved" }, 404],
  ["POST", "/tickets/9/comments", { body: "x" }, 404],
  ["GET", "/nowhere", undefined, 404],
] as const)("%s %s with %j is refused", async (method, path, json, status) => {
  expect((await pair.api(method, path, json)).status).toBe(status);
});

test("an unknown status or visibility is refused with the words that are known", async () => {
  const ticket = await openTicket(pair);
  const moved = await pair.staff("PATCH", `/tickets/${ticket}`, { status: "done" });
  expect(moved).toMatchObject({ status: 400, body: { error: expect.stringContaining("in_progress") } });
  const secret = await pair.api("POST", `/tickets/${ticket}/comments`, { body: "x", visibility: "secret" });
  expect(secret.status).toBe(422);
});

test("ids may repeat, nothing lags and no echo is waited for, unless that is set otherwise", async () => {
  const settings = async (body: object) => (await pair.staff("PUT", "/settings", body)).body;
  expect(await settings({})).toEqual({ externalIds: "plain", lagMs: 0, echoFirst: false });
  const changed = { externalIds: "unique", lagMs: 5, echoFirst: true };
  expect(await settings(changed)).toEqual(changed);
  expect(await settings({ lagMs: 0 })).toEqual({ ...changed, lagMs: 0 });
  const refused = await pair.staff("PUT", "/settings", { externalIds: "some" });
  expect([refused.status, refused.body]).toEqual([400, { error: "externalIds: use unique or plain" }]);
});
