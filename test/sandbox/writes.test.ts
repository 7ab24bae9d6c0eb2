import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Actor } from "../../src/sandbox/desk/records.ts";
import { apiAccount, type DeskWorld } from "../../src/sandbox/desk/world.ts";
import {
  addComment,
  createTicket,
  maxAttachmentBytes,
  saveContact,
  updateComment,
  updateTicket,
} from "../../src/sandbox/desk/writes.ts";
import type { Json } from "../../src/sandbox/read.ts";
import { AT, quietDesk } from "./desk-world.ts";

const sam: Actor = { id: "sam", name: "Sam", kind: "agent" };
const ana = { external_id: "a", name: "Ana" };
const invalid = (field: string, reason: string) => ({
  status: 422,
  body: { error: "invalid", field, reason },
});
const missing = (what: string) => ({ status: 404, body: { error: "not_found", what } });

async function withTicket(own: Json = {}, options: Parameters<typeof quietDesk>[0] = {}) {
  const desk = quietDesk(options);
  await saveContact(desk.world, sam, ana);
  const answer = await createTicket(desk.world, sam, { contact_id: "1001", subject: "Light", ...own });
  return { ...desk, answer };
}

const comment = (world: DeskWorld, given: Json, ticket = "1003") =>
  addComment(world, ticket, { actor: sam, given, files: [] });

test("a contact is made with what is given, then brought up to date without losing the rest", async () => {
  const { world, clock, changes } = quietDesk();
  const whole = {
    phone: "+44",
    user_id: "GB.1",
    email: "a@example.org",
    language: "en",
    organisation: "City",
  };
  const contact = { id: "1001", ...ana, custom: { a: 1 }, created_at: AT, ...whole };
  expect(await saveContact(world, apiAccount, { ...ana, ...whole, custom: { a: 1 } })).toEqual({
    status: 201,
    body: contact,
  });
  clock.at += 1000;
  const again = { ...ana, name: "Ana B", custom: { b: 2 }, extra: "no" };
  const kept = { ...contact, name: "Ana B", custom: { a: 1, b: 2 } };
  expect(await saveContact(world, sam, again)).toEqual({ status: 200, body: kept });
  const other = {
    phone: "+1",
    user_id: "GB.2",
    email: "b@example.org",
    language: "fr",
    organisation: "Town",
  };
  expect(await saveContact(world, sam, { ...ana, ...other })).toMatchObject({ status: 200, body: other });
  expect(changes()[1]).toMatchObject({ type: "contact.saved", actor: sam, contact: kept });
  expect(world.contacts.size).toBe(1);
});

test("a contact with nothing but a name has no empty fields", async () => {
  const { body } = await saveContact(quietDesk().world, sam, ana);
  expect(body).toEqual({ id: "1001", ...ana, custom: {}, created_at: AT });
  expect(Object.keys(Object(body))).toEqual(["id", "created_at", "external_id", "name", "custom"]);
});

test.each([
  [{ name: "Ana" }, "external_id", "required"],
  [{ external_id: "a" }, "name", "required"],
])("a contact of %j is refused by %s", async (given, field, reason) => {
  const { world, changes } = quietDesk();
  expect(await saveContact(world, sam, given)).toEqual(invalid(field, reason));
  expect(changes()).toEqual([]);
});

test("a ticket of a subject alone is filled in", async () => {
  const { answer, changes } = await withTicket();
  const ticket = {
    id: "1003",
    contact_id: "1001",
    subject: "Light",
    priority: "normal",
    queue: "Front desk",
    tags: [],
    skills: [],
    due: {},
    custom: {},
    status: "new",
    created_at: AT,
    updated_at: AT,
  };
  expect(answer).toEqual({ status: 201, body: ticket });
  expect(Object.keys(Object(answer.body))).not.toContain("url");
  expect(changes()[1]).toMatchObject({ type: "ticket.created", actor: sam, ticket });
});

test("a ticket takes all that is given", async () => {
  const given = {
    external_id: "x",
    description: "dark",
    queue: "Roads",
    priority: "urgent",
    assignee: "maya",
    tags: ["a", 1],
    skills: ["pt", 2],
    due: { first_answer: "2026-11-22", solution: "2026-11-23", other: "no" },
    custom: { ward: 3 },
  };
  const { answer, world } = await withTicket(given, { ticketUrl: "https://desk.example/t/" });
  expect(answer.body).toMatchObject({
    ...given,
    tags: ["a", "1"],
    skills: ["pt", "2"],
    due: { first_answer: "2026-11-22", solution: "2026-11-23" },
    url: "https://desk.example/t/1003",
  });
  expect(Object(answer.body).due).not.toHaveProperty("other");
  expect(world.comments.get("1003")).toEqual([]);
});

test.each([
  [{ subject: "" }, "subject", "required"],
  [{ contact_id: "" }, "contact_id", "no such contact"],
  [{ contact_id: "9" }, "contact_id", "no such contact"],
  [{ priority: "soon" }, "priority", "use one of low, normal, high, urgent"],
])("a ticket with %j is refused by %s: %s", async (own, field, reason) => {
  const { answer, world } = await withTicket(own);
  expect(answer).toEqual(invalid(field, reason));
  expect(world.tickets.size).toBe(0);
});

test.each(["low", "normal", "high", "urgent"])("a ticket can have the priority %s", async (priority) => {
  expect((await withTicket({ priority })).answer).toMatchObject({ status: 201, body: { priority } });
});

test("an external id that is taken is refused where ids are unique, and a record without one is not", async () => {
  const { world } = await withTicket({ external_id: "x" }, { externalIds: "unique" });
  const fresh = { contact_id: "1001", subject: "Again" };
  const taken = { status: 409, body: { error: "external_id_taken", id: "1003" } };
  expect(await createTicket(world, sam, { ...fresh, external_id: "x" })).toEqual(taken);
  expect((await createTicket(world, sam, { ...fresh, external_id: "y" })).status).toBe(201);
  expect((await createTicket(world, sam, fresh)).status).toBe(201);
  expect((await createTicket(world, sam, fresh)).status).toBe(201);
  world.behaviour.externalIds = "plain";
  expect((await createTicket(world, sam, { ...fresh, external_id: "x" })).status).toBe(201);
});

test.each(["new", "in_progress", "waiting", "resolved", "closed"])(
  "a ticket can be moved to %s",
  async (status) => {
    const { world } = await withTicket();
    expect(await updateTicket(world, sam, "1003", { status })).toMatchObject({
      status: 200,
      body: { status },
    });
  },
);

test("what changes in a ticket is told with what was before, and nothing else", async () => {
  const { world, clock, changes } = await withTicket({ queue: "Roads" });
  clock.at += 1000;
  const later = "2026-11-21T10:00:01.000Z";
  const moved = await updateTicket(world, sam, "1003", {
    status: "waiting",
    assignee: "maya",
    queue: "Roads",
  });
  expect(moved).toMatchObject({
    status: 200,
    body: { status: "waiting", assignee: "maya", updated_at: later },
  });
  expect(changes()[2]).toMatchObject({ type: "ticket.updated", actor: sam, ticket: { status: "waiting" } });
  const told = { status: { from: "new", to: "waiting" }, assignee: { to: "maya" } };
  expect(changes()[2]?.changes).toEqual(told);
  expect(Object.keys(Object(changes()[2]?.changes?.["assignee"]))).toEqual(["to"]);
  clock.at += 1000;
  expect(await updateTicket(world, sam, "1003", { status: "waiting" })).toMatchObject({
    body: { updated_at: later },
  });
  await updateTicket(world, sam, "1003", { queue: "Lights" });
  expect(
    changes()
      .slice(3)
      .map((change) => change.changes),
  ).toEqual([{ queue: { from: "Roads", to: "Lights" } }]);
});

test("a ticket that is not there, and a status nobody knows, are refused", async () => {
  const { world } = await withTicket();
  expect(await updateTicket(world, sam, "9", { status: "new" })).toEqual(missing("ticket"));
  const reason = "use one of new, in_progress, waiting, resolved, closed";
  expect(await updateTicket(world, sam, "1003", { status: "done" })).toEqual(invalid("status", reason));
});

test("a comment is kept with its files, and the ticket is as new as it", async () => {
  const { world, clock, changes } = await withTicket();
  clock.at += 1000;
  const created_at = "2026-11-21T10:00:01.000Z";
  const file = { name: "a.png", mimeType: "image/png", bytes: Buffer.from("png") };
  const given = { body: "hi", external_id: "m1", contact_id: "1001", visibility: "internal" };
  const sha256 = createHash("sha256").update("png").digest("hex");
  const body = {
    id: "1005",
    ticket_id: "1003",
    author: sam,
    ...given,
    attachments: [{ id: "1006", name: "a.png", mime_type: "image/png", size: 3, sha256 }],
    created_at,
  };
  expect(await addComment(world, "1003", { actor: sam, given, files: [file] })).toEqual({
    status: 201,
    body,
  });
  expect(world.files.get("1006")).toBe(file);
  expect(world.tickets.get("1003")?.updated_at).toBe(created_at);
  expect(changes()[2]).toMatchObject({
    type: "comment.added",
    actor: sam,
    ticket: { id: "1003" },
    comment: body,
  });
});

test("a comment is public, without ids of its own, unless told otherwise", async () => {
  const { world } = await withTicket();
  const { body } = await comment(world, { body: "hi" });
  expect(body).toMatchObject({ visibility: "public" });
  expect(Object.keys(Object(body))).not.toContain("external_id");
  expect((await comment(world, { body: "hi", visibility: "public" })).status).toBe(201);
});

test.each([
  [{}, invalid("body", "1 to 65536 characters")],
  [{ body: "x".repeat(65_537) }, invalid("body", "1 to 65536 characters")],
  [{ body: "x", visibility: "secret" }, invalid("visibility", "use public or internal")],
])("a comment that does not fit is refused", async (given, refusal) => {
  const { world, changes } = await withTicket();
  expect(await comment(world, given)).toEqual(refusal);
  expect(changes()).toHaveLength(2);
});

test("a comment on a ticket that is not there, with too large a file, or with a taken id is refused", async () => {
  const { world } = await withTicket({}, { externalIds: "unique" });
  expect(await comment(world, { body: "x" }, "9")).toEqual(missing("ticket"));
  const file = (bytes: number) => ({ name: "a", mimeType: "m", bytes: Buffer.alloc(bytes) });
  expect(maxAttachmentBytes).toBe(26_214_400);
  const add = (...files: ReturnType<typeof file>[]) =>
    addComment(world, "1003", { actor: sam, given: { body: "x" }, files });
  const tooLarge = { status: 413, body: { error: "too_large", limit: maxAttachmentBytes } };
  expect(await add(file(1), file(maxAttachmentBytes + 1))).toEqual(tooLarge);
  expect((await add(file(maxAttachmentBytes))).status).toBe(201);
  const first = await comment(world, { body: "x", external_id: "m1" });
  const taken = { error: "external_id_taken", id: Object(first.body).id };
  expect(await comment(world, { body: "x", external_id: "m1" })).toEqual({ status: 409, body: taken });
});

test("an edited comment is told with its visibility before and after", async () => {
  const { world, changes } = await withTicket();
  await comment(world, { body: "old", visibility: "internal" });
  const edited = await updateComment(world, sam, "1005", { visibility: "public" });
  expect(edited).toMatchObject({ status: 200, body: { id: "1005", body: "old", visibility: "public" } });
  expect(changes()[3]).toMatchObject({
    type: "comment.updated",
    actor: sam,
    ticket: { id: "1003" },
    comment: { id: "1005" },
  });
  expect(changes()[3]?.changes).toEqual({ visibility: { from: "internal", to: "public" } });
  const back = await updateComment(world, sam, "1005", { visibility: "internal", body: "new" });
  expect(back.body).toMatchObject({ body: "new", visibility: "internal" });
  expect((await updateComment(world, sam, "1005", {})).body).toMatchObject({
    body: "new",
    visibility: "internal",
  });
});

test("an edit of a comment that is not there, or to an unknown visibility, is refused", async () => {
  const { world } = await withTicket();
  await comment(world, { body: "old" });
  expect(await updateComment(world, sam, "9", {})).toEqual(missing("comment"));
  const refusal = invalid("visibility", "use public or internal");
  expect(await updateComment(world, sam, "1005", { visibility: "x" })).toEqual(refusal);
  world.tickets.clear();
  expect(await updateComment(world, sam, "1005", {})).toEqual(missing("comment"));
});
