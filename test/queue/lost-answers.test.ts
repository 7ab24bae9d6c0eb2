import { describe, expect, it } from "vitest";
import { sealEntry } from "../../src/domain/audit.ts";
import { verifyAudit } from "../../src/domain/audit-verify.ts";
import { partsOf } from "../../src/domain/burst.ts";
import type { Event, Messages } from "../../src/domain/event.ts";
import { NotTogether } from "../../src/domain/failure.ts";
import { handleMessages } from "../../src/inbound/handle-messages.ts";
import type { ScriptName } from "../../src/store/scripts.ts";
import { createStore } from "../../src/store/store.ts";
import { setUpInbound } from "../inbound/inbound-setup.ts";
import { replayed } from "../support/audit-chain.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { loseAnswerOf } from "../support/lose-answer.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { openQueue, work } from "./running-queue.ts";

const TEXTS = ["one", "two", "three"];

/** Three messages of one person wait; a worker joins and handles them. Resolves when nothing waits any more. */
async function handleThree(
  script: ScriptName,
  { call = 1, before = () => undefined }: { call?: number; before?(event: Event): void } = {},
) {
  const way = await loseAnswerOf(script, call);
  const { desk, ...setup } = await setUpInbound({ idempotency: { class: "B", settleMs: 50 } });
  const queue = await openQueue({ url: way.url });
  const tools = { ...setup.tools, store: queue.store, clock: { now: Date.now } };
  const events = TEXTS.map((text) => messageReceived({ message: { text } }));
  await queue.intake.accept(events.map((event) => delivery(queue.channel, event)));
  work(
    queue,
    async (event, key, tries) => {
      before(event);
      await handleMessages(partsOf(event) as unknown as Messages, key, tries, tools);
    },
    { mostTogether: () => TEXTS.length },
  );
  await until(
    "nothing to wait",
    async () => (await queue.store.mailboxes.waiting(queue.channel, "in")) === 0,
  );
  expect(way.lost()).toBe(1);
  return desk;
}

/** Redis by a way on which the first answer to this script gets lost. */
async function storeBehind(script: ScriptName) {
  const way = await loseAnswerOf(script);
  const redis = await openRedis("worker", way.url);
  return { way, channel: uniqueChannel(redis), store: createStore(redis) };
}

describe("R20: the connection breaks when a script has run and nobody was told", () => {
  it.each<ScriptName>(["append", "begin", "exchange", "intend", "note-steps", "link-ticket", "pop"])(
    "%s: each of three messages that wait together is told once, in order",
    async (script) => {
      const { contacts, tickets, comments } = await handleThree(script);
      expect([contacts.length, tickets.length]).toEqual([1, 1]);
      expect(comments.flatMap(({ body }) => body.split("\n\n"))).toEqual(TEXTS);
    },
  );

  it("exchange: messages that cannot be one comment become three, in order", async () => {
    const { comments } = await handleThree("exchange", {
      call: 2,
      before: (event) => {
        if (event.type === "burst.received") throw new NotTogether("too large");
      },
    });
    expect(comments.map(({ body }) => body)).toEqual(TEXTS);
  });

  it("withdraw: an earlier try that ended unclear stays on record", async () => {
    const { way, channel, store } = await storeBehind("withdraw");
    await store.intents.begin(channel, "i", 1000);
    await store.intents.begin(channel, "i", 2000);
    await store.intents.withdraw(channel, "i");
    expect(way.lost()).toBe(1);
    expect(await store.intents.get(channel, "i")).toMatchObject({ attempts: 1 });
  });

  it("withdraw: nothing is left of a first try", async () => {
    const { channel, store } = await storeBehind("withdraw");
    await store.outbounds.begin(channel, "i", { person: "ada", now: 1000 });
    await store.outbounds.withdraw(channel, "i");
    expect(await store.outbounds.get(channel, "i")).toBeUndefined();
  });

  it("audit: what was done is written down once, also what may be told once only", async () => {
    for (const once of [undefined, "consent/ada/stop"]) {
      const { way, channel, store } = await storeBehind("audit");
      const seal = (after?: { seq: number; hash: string }) =>
        sealEntry(channel, after, { ...replayed(1), at: "2026-11-02T09:00:00.000Z", by: "system" });
      expect(await store.audits.append(channel, seal, once)).toMatchObject({ seq: 1 });
      expect(way.lost()).toBe(1);
      const chain = await store.audits.read(channel);
      expect([chain.texts.length, verifyAudit(chain)]).toEqual([1, { good: 1 }]);
    }
  });
});
