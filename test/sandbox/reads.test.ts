import { expect, test } from "vitest";
import { findByExternalId, listChanges, readDesk } from "../../src/sandbox/desk/reads.ts";
import type { Actor } from "../../src/sandbox/desk/records.ts";
import { apiAccount, nowOf, recordChange } from "../../src/sandbox/desk/world.ts";
import { addComment, createTicket, saveContact } from "../../src/sandbox/desk/writes.ts";
import { verifyHmac } from "../../src/sdk/signature.ts";
import { AT, HOOK, NOW, quietDesk } from "./desk-world.ts";

const sam: Actor = { id: "sam", name: "Sam", kind: "agent" };

test("look-ups match ids from the left, once the index has seen the record", () => {
  const { world, clock } = quietDesk();
  const records = [
    { id: "1", external_id: "m/1" },
    { id: "2", external_id: "m/10" },
    { id: "3", external_id: "x/m/1" },
    { id: "4" },
  ];
  world.visibleAt.set("2", NOW + 1);
  const found = () => findByExternalId(world, records, "m/1").map(({ id }) => id);
  expect(found()).toEqual(["1"]);
  clock.at += 1;
  expect(found()).toEqual(["1", "2"]);
});

test.each([
  [undefined, true],
  [1, false],
])("a ticket and a comment are seen by look-ups after a lag of %s ms", async (lagMs, isSeen) => {
  const { world } = quietDesk(lagMs === undefined ? {} : { lagMs });
  await saveContact(world, sam, { external_id: "a", name: "Ana" });
  await createTicket(world, sam, { contact_id: "1001", subject: "x", external_id: "t" });
  await addComment(world, "1003", { actor: sam, given: { body: "x", external_id: "m" }, files: [] });
  expect(findByExternalId(world, world.tickets.values(), "t").length === 1).toBe(isSeen);
  expect(findByExternalId(world, world.comments.get("1003") ?? [], "m").length === 1).toBe(isSeen);
});

async function withChanges(count: number) {
  const desk = quietDesk();
  for (let index = 1; index <= count; index += 1) {
    await saveContact(desk.world, sam, { external_id: String(index), name: `Name ${index}` });
  }
  return desk;
}

test.each([
  ["now", 2, [], "6", false],
  ["0", 2, ["1", "2"], "3", true],
  ["3", 2, ["3"], "6", false],
  ["0", 3, ["1", "2", "3"], "6", false],
  ["1", 1, ["2"], "3", true],
  ["6", 2, [], "6", false],
  ["9", 2, [], "6", false],
])(
  "the changes after %s, %i a page, are those of %j up to %s, and more: %s",
  async (after, limit, names, cursor, more) => {
    // Each change is followed by the entry of its webhook: numbers 1, 3 and 5 are changes.
    const { world } = await withChanges(3);
    const { status, body } = listChanges(world, after, limit);
    const page = body as { changes: { contact: { external_id: string } }[]; cursor: string; more: boolean };
    expect(status).toBe(200);
    expect([page.changes.map(({ contact }) => contact.external_id), page.cursor, page.more]).toEqual([
      names,
      cursor,
      more,
    ]);
  },
);

test("a change in the feed shows neither its kind nor its number", async () => {
  const { world } = await withChanges(1);
  const { changes } = listChanges(world, "0", 1).body as { changes: object[] };
  expect(changes).toEqual([
    {
      type: "contact.saved",
      id: "change-1002",
      actor: sam,
      contact: { id: "1001", external_id: "1", name: "Name 1", custom: {}, created_at: AT },
      at: AT,
    },
  ]);
});

test.each(["x", "-1", "1.5"])("a cursor of %s is refused", async (after) => {
  const { world } = quietDesk();
  expect(listChanges(world, after, 1)).toEqual({ status: 422, body: { error: "invalid", field: "after" } });
});

test("the ledger holds contacts, tickets with their comments, and webhooks", async () => {
  const { world } = await withChanges(1);
  await createTicket(world, sam, { contact_id: "1001", subject: "x" });
  await addComment(world, "1003", { actor: sam, given: { body: "hi" }, files: [] });
  const { id: lost } = (await createTicket(world, sam, { contact_id: "1001", subject: "y" })).body as {
    id: string;
  };
  world.comments.delete(lost);
  expect(readDesk(world)).toMatchObject({
    contacts: [{ name: "Name 1" }],
    tickets: [
      { id: "1003", comments: [{ body: "hi" }] },
      { id: lost, comments: [] },
    ],
    webhooks: [1, 2, 3, 4].map(() => ({ kind: "webhook", attempt: 1, status: 200 })),
    pendingWebhooks: 2,
  });
  expect(readDesk(world).webhooks).toHaveLength(4);
});

test("a change is posted as it was, signed with the time of the attempt", async () => {
  const { world, posted, clock } = quietDesk();
  clock.at += 999;
  await saveContact(world, sam, { external_id: "a", name: "Ana" });
  const [{ url, headers, body } = { url: "", headers: {} as Record<string, string>, body: "" }] = posted;
  expect(url).toBe(HOOK);
  const at = "2026-11-21T10:00:00.999Z";
  const contact = { id: "1001", external_id: "a", name: "Ana", custom: {}, created_at: at };
  expect(JSON.parse(body)).toEqual({ type: "contact.saved", id: "change-1002", actor: sam, contact, at });
  const timestamp = String(NOW / 1000);
  expect(headers).toEqual({
    "Content-Type": "application/json",
    "X-Sandbox-Timestamp": timestamp,
    "X-Sandbox-Signature": expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
  });
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  expect(verifyHmac(["s"], `${timestamp}.${body}`, headers["X-Sandbox-Signature"], format)).toBe(true);
  expect(nowOf(world)).toBe(at);
});

test("a change is kept as it was when it was made, and posted nowhere without a callback", async () => {
  const { world, posted, changes, webhooks } = quietDesk();
  world.callbackUrl = undefined;
  await saveContact(world, sam, { external_id: "a", name: "Ana" });
  const contact = world.contacts.get("1001");
  if (contact) contact.name = "Bob";
  expect(changes()[0]?.contact?.name).toBe("Ana");
  expect([posted, webhooks()]).toEqual([[], []]);
});

test.each([
  [false, apiAccount, false],
  [true, sam, false],
  [true, apiAccount, true],
])("with the echo first (%s) a write of %j waits for the webhook: %s", async (echoFirst, actor, waits) => {
  const { world } = quietDesk({ echoFirst });
  let isAnswered = false;
  world.sender.post = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isAnswered = true;
    return true;
  };
  await recordChange(world, { type: "contact.saved", actor });
  expect(isAnswered).toBe(waits);
});

test("the API account is called by its name", () => {
  expect(apiAccount).toEqual({ id: "api", name: "API account", kind: "api" });
});
