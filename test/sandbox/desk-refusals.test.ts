import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startDesk } from "../../src/sandbox/desk/server.ts";
import { eventually } from "./callback-server.ts";
import { DESK_TOKEN, type DeskPair, openTicket, startDeskPair } from "./desk-setup.ts";

let pair: DeskPair;
beforeEach(async () => {
  pair = await startDeskPair();
});
afterEach(() => pair.stop());

const fieldOf = (answer: { body: never }) => (answer.body as { field?: string }).field;
const errorOf = (answer: { body: never }) => (answer.body as { error: string }).error;

test("a contact without a name, a ticket without a subject and a priority nobody knows are refused by field", async () => {
  const contact = await pair.api("PUT", "/contacts", { external_id: "a" });
  expect([contact.status, fieldOf(contact)]).toEqual([422, "name"]);
  const known = await pair.api("PUT", "/contacts", { external_id: "a", name: "Ana" });
  const contactId = (known.body as { id: string }).id;
  expect(fieldOf(await pair.api("POST", "/tickets", { contact_id: contactId }))).toBe("subject");
  const fresh = { contact_id: contactId, subject: "Light", priority: "soon" };
  const refused = await pair.api("POST", "/tickets", fresh);
  expect([refused.status, fieldOf(refused)]).toEqual([422, "priority"]);
});

test("a comment of nothing, one over the limit and a file over 25 MB are refused", async () => {
  const ticket = await openTicket(pair);
  const add = (body: string) => pair.api("POST", `/tickets/${ticket}/comments`, { body });
  expect(fieldOf(await add(""))).toBe("body");
  expect(fieldOf(await add("x".repeat(65_537)))).toBe("body");
  expect((await add("x".repeat(65_536))).status).toBe(201);
  const base64 = Buffer.alloc(25 * 1024 * 1024 + 1).toString("base64");
  const large = await pair.staff("POST", `/tickets/${ticket}/comments`, {
    body: "see",
    attachments: [{ base64 }],
  });
  expect([large.status, errorOf(large)]).toEqual([400, "too_large"]);
});

test("a body that is no form, and a request without a login, are refused", async () => {
  const ticket = await openTicket(pair);
  const address = `${pair.desk.url}/api/tickets/${ticket}/comments`;
  const headers = {
    Authorization: `Bearer ${DESK_TOKEN}`,
    "Content-Type": "multipart/form-data; boundary=x",
  };
  for (const body of ["not a form", ""]) {
    const answer = await fetch(address, { method: "POST", headers, body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: "malformed" });
  }
  const bare = await fetch(address, { method: "POST", headers: { Authorization: headers.Authorization } });
  expect(bare.status).toBe(422);
  expect((await fetch(address)).status).toBe(401);
  const broken = { Authorization: headers.Authorization, "Content-Type": "application/json" };
  expect((await fetch(address, { method: "POST", headers: broken, body: "{" })).status).toBe(400);
});

test("comments are listed, all or by external id, and nothing is found under an id that is not there", async () => {
  const ticket = await openTicket(pair);
  for (const id of ["m1", "m2"]) {
    await pair.api("POST", `/tickets/${ticket}/comments`, { body: id, external_id: id });
  }
  const list = async (query: string) =>
    ((await pair.api("GET", `/tickets/${ticket}/comments${query}`)).body as { comments: { body: string }[] })
      .comments;
  expect((await list("")).map(({ body }) => body)).toEqual(["m1", "m2"]);
  expect((await list("?external_id=m2")).map(({ body }) => body)).toEqual(["m2"]);
  expect((await pair.api("GET", "/tickets/9/comments")).status).toBe(404);
  expect((await pair.api("GET", "/attachments/9")).status).toBe(404);
  expect((await pair.staff("GET", "/attachments/9")).status).toBe(404);
  const all = (await pair.api("GET", "/tickets")).body as { tickets: { id: string }[] };
  expect(all.tickets.map(({ id }) => id)).toEqual([ticket]);
});

test("staff attach a file, also one of which they tell nothing but its bytes", async () => {
  const ticket = await openTicket(pair);
  const photo = { name: "a.png", mimeType: "image/png", base64: Buffer.from("png").toString("base64") };
  const answer = await pair.staff("POST", `/tickets/${ticket}/comments`, {
    body: "see",
    attachments: [photo, {}],
  });
  const { attachments } = answer.body as { attachments: { id: string }[] };
  expect(attachments).toEqual([
    expect.objectContaining({ name: "a.png", mime_type: "image/png", size: 3 }),
    expect.objectContaining({ name: "file", mime_type: "application/octet-stream", size: 0 }),
  ]);
  const read = await fetch(`${pair.desk.url}/api/attachments/${attachments[0]?.id}`, {
    headers: { Authorization: `Bearer ${DESK_TOKEN}` },
  });
  expect([read.headers.get("content-type"), await read.text()]).toEqual([
    expect.stringContaining("image/png"),
    "png",
  ]);
});

test("a comment is edited without its visibility; an unknown visibility or comment is refused", async () => {
  const ticket = await openTicket(pair);
  const note = await pair.staff("POST", `/tickets/${ticket}/comments`, {
    body: "old",
    visibility: "internal",
  });
  const { id } = note.body as { id: string };
  const edited = await pair.staff("PATCH", `/comments/${id}`, { body: "new" });
  expect(edited.body).toMatchObject({ body: "new", visibility: "internal" });
  const wrong = await pair.staff("PATCH", `/comments/${id}`, { visibility: "secret" });
  expect([wrong.status, errorOf(wrong)]).toEqual([400, "invalid: visibility: use public or internal"]);
  const none = await pair.staff("PATCH", "/comments/9", { body: "new" });
  expect([none.status, errorOf(none)]).toEqual([400, "not_found: comment"]);
});

test.each([
  ["PUT", "/settings", { externalIds: "some" }, "externalIds"],
  ["PUT", "/callback", {}, "url"],
  ["PUT", "/callback", { url: "nowhere" }, "url"],
  ["POST", "/faults", { operation: "nap", reset: true }, "operation"],
  ["POST", "/faults", { when: "later", reset: true }, "when"],
  ["POST", "/faults", {}, "delayMs"],
  ["POST", "/faults", { status: 99 }, "status"],
])("%s %s with %j is refused by name", async (method, path, json, field) => {
  const answer = await pair.staff(method, path, json);
  expect(answer.status).toBe(400);
  expect(errorOf(answer)).toContain(field);
});

test("a fault that only slows answers the truth; one for no requests is no fault", async () => {
  await pair.staff("PUT", "/settings", { externalIds: "plain" });
  await pair.staff("POST", "/faults", { operation: "account", reset: true, times: 0 });
  await pair.staff("POST", "/faults", { operation: "account", delayMs: 1 });
  const { faults } = (await pair.staff("GET", "/faults")).body as { faults: object[] };
  expect(faults).toEqual([{ operation: "account", delayMs: 1, times: 1, when: "before" }]);
  expect((await pair.api("GET", "/account")).status).toBe(200);
});

test("the change feed refuses a cursor and a page size that are no numbers", async () => {
  await openTicket(pair);
  for (const query of ["after=x", "after=-1"]) {
    expect(fieldOf(await pair.api("GET", `/changes?${query}`))).toBe("after");
  }
  const limit = await pair.api("GET", "/changes?after=0&limit=few");
  expect([limit.status, fieldOf(limit)]).toEqual([422, "limit"]);
});

test("changes go to the callback set last, and nowhere before there is one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "desk-"));
  const ledgerFile = join(folder, "desk.jsonl");
  const options = { token: "t", webhookSecret: "s", ledgerFile, ticketUrl: "https://desk.example/t/" };
  const desk = await startDesk(options);
  const ask = (path: string, method: string, json: object) =>
    fetch(`${desk.url}${path}`, {
      method,
      headers: { Authorization: "Bearer t", "Content-Type": "application/json" },
      body: JSON.stringify(json),
    });
  const contact = await ask("/api/contacts", "PUT", { external_id: "a", name: "Ana" });
  await ask("/sandbox/callback", "PUT", { url: pair.callback.url });
  const fresh = { subject: "Light", contact_id: ((await contact.json()) as { id: string }).id };
  const ticket = (await (await ask("/api/tickets", "POST", fresh)).json()) as { id: string; url: string };
  expect(ticket.url).toBe(`https://desk.example/t/${ticket.id}`);
  await eventually(() => pair.callback.caught.length === 1 || undefined);
  expect(pair.changes()[0]?.["type"]).toBe("ticket.created");
  await desk.stop();
  const lines = (await readFile(ledgerFile, "utf8")).trim().split("\n");
  await rm(folder, { recursive: true });
  expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(
    lines.map((_line, index) => index + 1),
  );
  expect(lines[0]).toContain('"contact.saved"');
});
