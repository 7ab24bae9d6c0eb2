import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createIntake, type Intake } from "../../src/queue/intake.ts";
import { createWakeQueues } from "../../src/queue/wake-queues.ts";
import type { IntakeItem } from "../../src/store/intake-item.ts";
import { keys } from "../../src/store/keys.ts";
import {
  delivery,
  messageReceived,
  noteRequested,
  person,
  phone,
  ticketChanged,
} from "../support/builders.ts";
import { openRedis } from "../support/redis.ts";
import { type OpenQueue, openQueue } from "./running-queue.ts";

let queue: OpenQueue;
let intake: Intake;
beforeEach(async () => {
  queue = await openQueue();
  intake = queue.intake;
});

const ada = { id: "ada" };

/** Ids of the events in a mailbox, in order. */
async function mailbox(who: string, lane: "in" | "out" | "receipt" = "in", channel = queue.channel) {
  const waiting = await queue.redis.lrange(keys.mailbox(channel, lane, who), 0, -1);
  return waiting.map((raw) => (JSON.parse(raw) as { event: { id: string } }).event.id);
}

const freshOf = (answers: { fresh: boolean }[]) => answers.filter(({ fresh }) => fresh).length;

describe("P34: a repeat", () => {
  test("in the same batch is taken in once", async () => {
    const item = delivery(queue.channel, messageReceived(), ada);
    expect(freshOf(await intake.accept([item, item, item]))).toBe(1);
    expect(await mailbox("ada")).toHaveLength(1);
  });

  test("in a later batch is taken in once, and both are told whose it is", async () => {
    const item = delivery(queue.channel, messageReceived({ person: person(1) }));
    const [first] = await intake.accept([item]);
    const [second] = await intake.accept([item]);
    expect(first?.fresh).toBe(true);
    expect(second).toEqual({ fresh: false, person: first?.person });
    expect(await mailbox(first?.person ?? "")).toHaveLength(1);
  });

  test("R07: of fifty copies at once over two intakes is taken in once", async () => {
    const queues = createWakeQueues(await openRedis("intake"), [queue.channel]);
    onTestFinished(() => queues.close());
    const second = createIntake(queues);
    const item = delivery(queue.channel, messageReceived(), ada);
    const copies = Array.from({ length: 50 }, (_, n) => (n % 2 ? intake : second).accept([item]));
    expect(freshOf((await Promise.all(copies)).flat())).toBe(1);
    expect(await mailbox("ada")).toHaveLength(1);
  });

  test("with other content under the same id is still a repeat", async () => {
    const event = messageReceived();
    const changed = { ...event, message: { ...event.message, text: "another text" } };
    await intake.accept([delivery(queue.channel, event, ada)]);
    await intake.accept([delivery(queue.channel, changed, ada)]);
    const [raw = ""] = await queue.redis.lrange(keys.mailbox(queue.channel, "in", "ada"), 0, -1);
    expect(raw).toContain(event.message.text);
  });

  test("after the event was handled is recognised for 8 days", async () => {
    const event = messageReceived();
    await intake.accept([delivery(queue.channel, event, ada)]);
    const place = { channel: queue.channel, lane: "in", person: "ada" } as const;
    const head = await queue.store.mailboxes.begin(place);
    if (head) await queue.store.mailboxes.done(place, head);
    expect(freshOf(await intake.accept([delivery(queue.channel, event, ada)]))).toBe(0);
    expect(await mailbox("ada")).toEqual([]);
    const left = await queue.redis.ttl(keys.seen(queue.channel, event.id));
    expect(left).toBeGreaterThan(8 * 86_400 - 60);
  });
});

describe("a batch", () => {
  test("R11: of a thousand keeps its order, conversation by conversation", async () => {
    const items = Array.from({ length: 1000 }, (_, n) =>
      delivery(queue.channel, messageReceived({ id: `m${n}`, person: { phone: phone(n % 7) } })),
    );
    const started = performance.now();
    const accepted = await intake.accept(items);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(freshOf(accepted)).toBe(1000);
    const people = [...new Set(accepted.map(({ person: who = "" }) => who))];
    expect(people).toHaveLength(7);
    for (const [index, who] of people.entries()) {
      const expected = items.flatMap((_, n) => (n % 7 === index ? [`m${n}`] : []));
      expect(await mailbox(who)).toEqual(expected);
    }
  });

  test("of several channels goes to each its own, and answers in the order given", async () => {
    queue = await openQueue({ channels: 3 });
    const { channels } = queue;
    const items = Array.from({ length: 30 }, (_, n) =>
      delivery(channels[n % 3] ?? "", messageReceived({ id: `m${n % 15}` }), { id: `p${n}` }),
    );
    const accepted = await queue.intake.accept(items);
    expect(accepted.map(({ person: who }) => who)).toEqual(items.map((_, n) => `p${n}`));
    expect(accepted.map(({ fresh }) => fresh)).toEqual(items.map((_, n) => n < 15));
    for (const [n, item] of items.entries()) {
      const ids = await mailbox(`p${n}`, "in", channels[n % 3]);
      expect(ids).toEqual(n < 15 && "deliver" in item ? [item.deliver.event.id] : []);
    }
  });

  test("of all lanes goes to each its own", async () => {
    const note = noteRequested();
    const change = ticketChanged();
    await intake.accept([delivery(queue.channel, note, ada), delivery(queue.channel, change, ada)]);
    expect([await mailbox("ada", "in"), await mailbox("ada", "out")]).toEqual([[note.id], [change.id]]);
  });

  test("of one turn of the event loop shares one transaction", async () => {
    const transactions = vi.spyOn(queue.intakeRedis, "multi");
    await Promise.all(
      Array.from({ length: 20 }, () => intake.accept([delivery(queue.channel, messageReceived(), ada)])),
    );
    expect(transactions).toHaveBeenCalledTimes(1);
    expect(await mailbox("ada")).toHaveLength(20);
  });

  test("that names an unknown channel is refused, and spoils no other of the same turn", async () => {
    const lost = intake.accept([delivery("nowhere", messageReceived(), ada)]);
    const good = intake.accept([delivery(queue.channel, messageReceived(), ada)]);
    await expect(lost).rejects.toThrow("no queue for channel nowhere");
    expect(freshOf(await good)).toBe(1);
  });

  test("of nothing is taken in at once", async () => {
    expect(await intake.accept([])).toEqual([]);
  });
});

describe("what goes to no mailbox", () => {
  const keep = (list: "quarantine" | "account", id: string): IntakeItem => ({
    keep: { channel: queue.channel, list, id, content: { id } },
  });

  test("is kept once per id and list", async () => {
    const items = [keep("account", "a"), keep("account", "a"), keep("quarantine", "a"), keep("account", "b")];
    expect(await intake.accept(items)).toEqual([true, false, true, true].map((fresh) => ({ fresh })));
    expect(freshOf(await intake.accept(items))).toBe(0);
    expect(await queue.redis.lrange(keys.account(queue.channel), 0, -1)).toEqual([
      '{"id":"a"}',
      '{"id":"b"}',
    ]);
    expect(await queue.store.deadLetters.quarantined(queue.channel)).toBe(1);
  });

  test("is not mistaken for a message of the same id", async () => {
    const items = [keep("account", "a"), delivery(queue.channel, messageReceived({ id: "a" }), ada)];
    expect(freshOf(await intake.accept(items))).toBe(2);
  });

  test("is trimmed to the newest 1,000 for the account, and never for the quarantine", async () => {
    for (const list of ["account", "quarantine"] as const) {
      const items = Array.from({ length: 1005 }, (_, n) => keep(list, `k${n}`));
      expect(freshOf(await intake.accept(items))).toBe(1005);
    }
    const account = await queue.redis.lrange(keys.account(queue.channel), 0, -1);
    expect(account).toHaveLength(1000);
    expect([account[0], account.at(-1)]).toEqual(['{"id":"k5"}', '{"id":"k1004"}']);
    expect(await queue.store.deadLetters.quarantined(queue.channel)).toBe(1005);
  });
});
