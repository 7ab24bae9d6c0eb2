import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { partsOf } from "../../src/domain/burst.ts";
import type { Event } from "../../src/domain/event.ts";
import { GiveUp, NotTogether, RetryLater } from "../../src/domain/failure.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { joinMessages } from "../../src/queue/join-messages.ts";
import { PluginError } from "../../src/sdk/index.ts";
import { keys } from "../../src/store/keys.ts";
import type { Head, Place } from "../../src/store/mailbox.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { until } from "../support/until.ts";
import { type OpenQueue, openQueue, work } from "./running-queue.ts";

let queue: OpenQueue;
let place: Place;
beforeEach(async () => {
  queue = await openQueue();
  place = { channel: queue.channel, lane: "in", person: "ada" };
});

const mostTogether = () => 4;
const idsOf = (event: Event) => partsOf(event).map(({ id }) => id);

async function send(...ids: string[]): Promise<void> {
  await queue.intake.accept(ids.map((id) => delivery(queue.channel, messageReceived({ id }), { id: "ada" })));
}

/** As a worker begins: the head, joined with what waits behind it. */
async function take(): Promise<Head> {
  const { mailboxes } = queue.store;
  const head = await mailboxes.begin(place);
  if (!head) throw new Error("nothing waits");
  return joinMessages(head, place, { mailboxes, mostTogether });
}

const seenStates = (...ids: string[]) =>
  Promise.all(ids.map((id) => queue.redis.get(keys.seen(queue.channel, id))));

describe("P01: messages that wait together", () => {
  test("are handled as one, up to the limit, in order, and all are then done", async () => {
    await send("m1", "m2", "m3", "m4", "m5");
    const handled: string[][] = [];
    const { ended } = work(queue, async (event) => void handled.push(idsOf(event)), { mostTogether });
    await until("both to end", () => ended().length === 2);
    expect(handled).toEqual([["m1", "m2", "m3", "m4"], ["m5"]]);
    expect(await seenStates("m1", "m2", "m3", "m4", "m5")).toEqual(new Array(5).fill("done"));
    expect(await queue.redis.exists(keys.mailbox(queue.channel, "in", "ada"))).toBe(0);
  });

  test("stay together when they are tried again, and nobody joins them meanwhile", async () => {
    await send("m1", "m2");
    const handled: string[][] = [];
    const { ended } = work(
      queue,
      async (event) => {
        handled.push(idsOf(event));
        if (handled.length === 1) {
          await send("m3");
          throw new PluginError({ kind: "unavailable", retryAfterMs: 5, operatorMessage: "503" });
        }
      },
      { mostTogether },
    );
    await until("both to end", () => ended().length === 2);
    expect(handled).toEqual([["m1", "m2"], ["m1", "m2"], ["m3"]]);
  });

  test("go on one by one, in order and never joined again, when one comment cannot hold them", async () => {
    await send("m1", "m2", "m3");
    const handled: string[][] = [];
    const { outcomes, ended } = work(
      queue,
      async (event) => {
        handled.push(idsOf(event));
        if (event.type === "burst.received") throw new NotTogether("too large");
      },
      { mostTogether },
    );
    await until("all to end", () => ended().filter(({ what }) => what === "done").length === 3);
    expect(handled).toEqual([["m1", "m2", "m3"], ["m1"], ["m2"], ["m3"]]);
    expect(outcomes.map(({ what }) => what)).toEqual(["separated", "done", "done", "done"]);
  });

  test("become one dead letter, and come back as one", async () => {
    await send("m1", "m2");
    let isRefused = true;
    const handled: string[][] = [];
    const { ended } = work(
      queue,
      async (event) => {
        if (isRefused) throw new GiveUp("unclear", "nobody knows");
        handled.push(idsOf(event));
      },
      { mostTogether },
    );
    await until("the dead letter", () => ended().length === 1);
    expect(await seenStates("m1", "m2")).toEqual(["dead", "dead"]);
    isRefused = false;
    await queue.store.deadLetters.replay(queue.channel, eventKey("in/m1"));
    await queue.queues.wake(queue.channel, "in", ["ada"]);
    await until("the replay", () => handled.length === 1);
    expect(handled).toEqual([["m1", "m2"]]);
  });

  test("are taken apart only if they are of the channel's in-lane and nobody began the first", async () => {
    await send("m1", "m2");
    const { mailboxes } = queue.store;
    expect((await mailboxes.begin(place))?.event.id).toBe("m1");
    // Its worker died: what it made of m1 alone is unknown.
    expect(idsOf((await take()).event)).toEqual(["m1"]);
  });
});

/** What becomes of an event when it is tried for the first time. */
type Fate = "ok" | "passing" | "apart" | "refused";

test("R12: whatever fails, each message ends once and in order, by itself or in a burst", async () => {
  const fate = fc.constantFrom<Fate>("ok", "ok", "passing", "apart", "refused");
  const plan = fc.array(fc.record({ person: fc.integer({ max: 4, min: 0 }), fate }), {
    minLength: 20,
    maxLength: 80,
  });
  await fc.assert(
    fc.asyncProperty(plan, async (messages) => {
      const own = await openQueue();
      const ended = new Map<string, string[]>();
      const tried = new Set<string>();
      const { workers } = work(
        own,
        async (event, { person }) => {
          const what = tried.has(event.id) ? "ok" : (messages[Number(event.id)]?.fate ?? "ok");
          tried.add(event.id);
          if (what === "passing") throw new RetryLater("later", 1);
          if (what === "apart" && event.type === "burst.received") throw new NotTogether("too large");
          ended.set(person, [...(ended.get(person) ?? []), ...idsOf(event)]);
          if (what === "refused") throw new GiveUp("rejected", "no");
        },
        { mostTogether },
      );
      const items = messages.map(({ person }, id) =>
        delivery(own.channel, messageReceived({ id: `${id}` }), { id: `p${person}` }),
      );
      for (let n = 0; n < items.length; n += 9) await own.intake.accept(items.slice(n, n + 9));
      const count = () => [...ended.values()].flat().length;
      await until("all to end", () => count() >= messages.length);
      await workers.close();
      for (const [person, order] of ended) {
        const sent = messages.flatMap((message, id) => (`p${message.person}` === person ? [`${id}`] : []));
        expect(order).toEqual(sent);
      }
      expect(await own.store.mailboxes.waiting(own.channel, "in")).toBe(0);
    }),
    { numRuns: 12 },
  );
}, 60_000);

describe("a worker that lost its lock", () => {
  test("joins nothing once another has begun the head", async () => {
    await send("m1", "m2");
    const { mailboxes } = queue.store;
    const late = await mailboxes.begin(place);
    await mailboxes.begin(place);
    if (!late) throw new Error("nothing waits");
    const head = await joinMessages(late, place, { mailboxes, mostTogether });
    expect(idsOf(head.event)).toEqual(["m1"]);
    expect(await queue.redis.llen(keys.mailbox(queue.channel, "in", "ada"))).toBe(2);
  });

  test("joins nothing once another has tried the head and put it off", async () => {
    await send("m1", "m2");
    const { mailboxes } = queue.store;
    const late = await mailboxes.begin(place);
    const other = await mailboxes.begin(place);
    if (!late || !other) throw new Error("nothing waits");
    await mailboxes.putOff(place, other);
    await mailboxes.begin(place);
    const head = await joinMessages(late, place, { mailboxes, mostTogether });
    expect(idsOf(head.event)).toEqual(["m1"]);
  });

  test("takes no burst apart that another has dealt with", async () => {
    await send("m1", "m2");
    const { mailboxes } = queue.store;
    const burst = await take();
    const other = await mailboxes.begin(place);
    expect(await mailboxes.separate(place, burst)).toBe(false);
    if (!other) throw new Error("the burst waits no more");
    expect(idsOf(other.event)).toEqual(["m1", "m2"]);
    expect(await mailboxes.done(place, other)).toBe("nothing waits");
    expect(await mailboxes.separate(place, burst)).toBe(false);
  });
});

test("a message that was sent earlier but comes late waits behind a burst that has begun", async () => {
  const at = (second: number) => `2026-03-01T10:00:0${second}.000Z`;
  const message = (id: string, second: number) =>
    delivery(queue.channel, messageReceived({ id, message: { sentAt: at(second) } }), { id: "ada" });
  await queue.intake.accept([message("m1", 1), message("m3", 3)]);
  const burst = await take();
  await queue.intake.accept([message("m2", 2)]);
  expect(await queue.store.mailboxes.done(place, burst)).toBe("more waits");
  expect(idsOf((await take()).event)).toEqual(["m2"]);
});
