import { expect, test } from "vitest";
import meta from "../../src/channels/meta/index.ts";
import { handleMessages } from "../../src/inbound/handle-messages.ts";
import { sortPayload } from "../../src/inbound/sort-payload.ts";
import type { InboundTools } from "../../src/inbound/tools.ts";
import { openQueue } from "../queue/running-queue.ts";
import { createClock } from "../support/clock.ts";
import { createFakeChannel } from "../support/fake-channel.ts";
import { createFakeHelpdesk } from "../support/fake-helpdesk.ts";
import { createFakeMapper } from "../support/fake-mapper.ts";
import { uniqueConnection } from "../support/redis.ts";
import { stories } from "./identity-stories.ts";
import type { Shown, Step } from "./identity-telling.ts";

const numbers = { 1: "100000000000001", 2: "100000000000002" };
let count = 0;

/** The webhook in which Meta would tell it. */
function webhookOf(step: Exclude<Step, { again: true }>): Buffer {
  count += 1;
  const at = { id: `wamid.${count}`, timestamp: String(1_795_000_000 + count) };
  const { to, list, item } = itemOf(step);
  const metadata = { phone_number_id: numbers[to ?? 1] };
  const changes = [{ field: "messages", value: { metadata, [list]: [{ ...at, ...item }] } }];
  return Buffer.from(
    JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "200000000000001", changes }] }),
  );
}

function itemOf(step: Exclude<Step, { again: true }>) {
  if ("says" in step) {
    const { user, phone, parent, to } = step.says;
    const who = { from: phone, from_user_id: user, from_parent_user_id: parent };
    return { to, list: "messages", item: { ...who, type: "text", text: { body: "Hello" } } };
  }
  if ("receipt" in step) {
    const { user, phone, to } = step.receipt;
    const who = { recipient_id: phone, recipient_user_id: user };
    return { to, list: "statuses", item: { ...who, status: "delivered" } };
  }
  const { from, system, to } = step.notice;
  return { to, list: "messages", item: { from, type: "system", system } };
}

/** The whole way in, from the webhook's bytes to the helpdesk, for two numbers of the business. */
async function setUp() {
  const queue = await openQueue({ channels: 2 });
  const clock = createClock();
  const desk = createFakeHelpdesk({ clock });
  const tools: InboundTools = {
    channel: createFakeChannel({ clock }).channel,
    connector: desk.connector,
    connection: uniqueConnection(queue.redis),
    startPolling: async () => undefined,
    mapper: createFakeMapper(),
    mapping: "mappings/test",
    reopenWithinMs: 0,
    readConsent: undefined,
    marksRead: false,
    media: { folder: "/nowhere", maxBytes: 0 },
    store: queue.store,
    clock,
    files: { refuse: [], stripMetadata: false },
    noteLeftOut: () => undefined,
    noteRefusedFile: () => undefined,
    trace: () => undefined,
  };
  const channelOf = (account: string) =>
    account === numbers[1] ? queue.channels[0] : account === numbers[2] ? queue.channels[1] : undefined;

  /** Takes a webhook in and does the work; tells whose mailbox it went to. */
  async function receive(body: Buffer): Promise<string> {
    const items = sortPayload(meta.parse(body), {
      addressed: queue.channel,
      channelOf,
      receivedAt: "2026-11-02T09:08:07.000Z",
    });
    const accepted = await queue.intake.accept(items);
    const [item] = items;
    const [{ fresh, person } = { fresh: false }] = accepted;
    if (items.length !== 1 || !item || "keep" in item || !person)
      throw new Error("not one event for a mailbox");
    const { channel, event } = item.deliver;
    if (fresh && event.type === "message.received")
      await handleMessages([event], { channel, person }, 0, tools);
    return `${channel}/${person}`;
  }

  /** Contacts that the mailboxes are linked to. */
  async function contactsOf(mailboxes: Set<string>): Promise<Set<string>> {
    const links = [...mailboxes].map(async (place) => {
      const [channel = "", person = ""] = place.split("/");
      return (await queue.store.links.contact({ channel, person }))?.id;
    });
    return new Set((await Promise.all(links)).filter((id) => id !== undefined));
  }
  return { desk, receive, contactsOf };
}

test.each(stories)("P04: $story", async ({ steps, end, mailboxes, contacts, written }) => {
  const { desk, receive, contactsOf } = await setUp();
  const used = new Set<string>();
  let last: Buffer = Buffer.alloc(0);
  for (const step of steps) {
    if (!("again" in step)) last = webhookOf(step);
    used.add(await receive(last));
  }
  const reached = new Set<string>();
  for (const shown of end) reached.add(await receive(webhookOf({ says: shown satisfies Shown })));
  expect({ mailboxes: reached.size, contacts: desk.contacts.length }).toEqual({ mailboxes, contacts });
  expect((await contactsOf(new Set([...used, ...reached]))).size).toBe(written ?? mailboxes);
});

test("P04: an announced change of number reaches the contact in the helpdesk, before anything is written", async () => {
  const { desk, receive } = await setUp();
  await receive(webhookOf({ says: { user: "GB.1", phone: "447700900101" } }));
  const system = {
    type: "user_changed_number",
    previous_user_id: "GB.1",
    user_id: "GB.2",
    wa_id: "447700900102",
  };
  await receive(webhookOf({ notice: { system, from: "447700900101" } }));
  expect(desk.contacts).toMatchObject([
    {
      key: { externalId: "whatsapp:GB.1", phone: "+447700900102", userId: "GB.2" },
      record: { phone: "+447700900102" },
    },
  ]);
});

test("P04: two contacts found to be one person: what is learnt goes to the one that is kept", async () => {
  const { desk, receive } = await setUp();
  await receive(webhookOf({ says: { phone: "447700900101" } }));
  await receive(webhookOf({ says: { user: "GB.1" } }));
  await receive(webhookOf({ says: { user: "GB.1", phone: "447700900101" } }));
  expect(desk.contacts.map(({ key }) => key)).toEqual([
    { externalId: "whatsapp:+447700900101", phone: "+447700900101" },
    { externalId: "whatsapp:GB.1", phone: "+447700900101", userId: "GB.1" },
  ]);
});

test("the stories are at least forty", () => {
  expect(new Set(stories.map(({ story }) => story)).size).toBeGreaterThanOrEqual(40);
});
