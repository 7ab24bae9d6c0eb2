import { beforeEach, describe, expect, test } from "vitest";
import { GiveUp, RetryLater } from "../../src/domain/failure.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { PluginError } from "../../src/sdk/index.ts";
import { keys } from "../../src/store/keys.ts";
import type { Place } from "../../src/store/mailbox.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";
import { until } from "../support/until.ts";
import { createLedger, type OpenQueue, openQueue, work } from "./running-queue.ts";

let queue: OpenQueue;
beforeEach(async () => {
  queue = await openQueue();
});

const HOUR = 3_600_000;

/** Messages with these ids for one conversation. */
function send(person: string, ...ids: string[]): Promise<unknown> {
  return queue.intake.accept(
    ids.map((id) => delivery(queue.channel, messageReceived({ id }), { id: person })),
  );
}

/** The helpdesk is down for a moment. */
function passing(retryAfterMs = 20): PluginError {
  return new PluginError({ kind: "unavailable", retryAfterMs, operatorMessage: "the helpdesk answered 503" });
}

const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `m${n + from}`);
const letterId = (id: string) => eventKey(`in/${id}`);

describe("P10: order within a conversation", () => {
  test("is kept while many conversations are handled at once, never two events of one", async () => {
    const ledger = createLedger();
    const busy = new Set<string>();
    let most = 0;
    let overlaps = 0;
    work(queue, async (event, conversation) => {
      if (busy.has(conversation.person)) overlaps++;
      busy.add(conversation.person);
      most = Math.max(most, busy.size);
      await new Promise((resolve) => setImmediate(resolve));
      await ledger.handle(event, conversation);
      busy.delete(conversation.person);
    });
    const people = Array.from({ length: 30 }, (_, n) => `p${n}`);
    for (const id of numbered(20)) {
      await Promise.all(people.map((person) => send(person, `${person}/${id}`)));
    }
    await until("all to be handled", () => ledger.handled.length === 600);
    for (const person of people)
      expect(ledger.of(person)).toEqual(numbered(20).map((id) => `${person}/${id}`));
    expect(overlaps).toBe(0);
    expect(most).toBeGreaterThan(5);
  });

  test("is kept across tries again: what fails is not overtaken", async () => {
    const ledger = createLedger();
    const failures = new Map([
      ["m2", 3],
      ["m5", 1],
      ["m6", 2],
    ]);
    work(queue, async (event, conversation) => {
      const left = failures.get(event.id) ?? 0;
      failures.set(event.id, left - 1);
      if (left > 0) throw passing();
      await ledger.handle(event, conversation);
    });
    await send("ada", ...numbered(4));
    await send("ada", ...numbered(4, 4));
    await until("all to be handled", () => ledger.handled.length === 8);
    expect(ledger.of("ada")).toEqual(numbered(8));
  });
});

describe("P11: a failing conversation", () => {
  test("keeps no other waiting", async () => {
    const ledger = createLedger();
    let isDown = true;
    const { outcomes } = work(
      queue,
      async (event, conversation) => {
        if (conversation.person.startsWith("bad") && isDown) throw passing(50);
        await ledger.handle(event, conversation);
      },
      { concurrency: 2 },
    );
    for (let n = 0; n < 10; n++) await send(`bad${n}`, `bad${n}/1`);
    await until("the bad ones to fail", () => outcomes.length >= 10);
    for (let n = 0; n < 40; n++) await send(`good${n}`, `good${n}/1`);
    await until("the good ones", () => ledger.handled.length === 40);
    isDown = false;
    await until("the bad ones", () => ledger.handled.length === 50);
  });

  test("G10: slows neither another lane nor another channel", async () => {
    queue = await openQueue({ channels: 2 });
    const [dead = "", alive = ""] = queue.channels;
    const handled: string[] = [];
    const { outcomes } = work(
      queue,
      async ({ id }, { channel }) => {
        if (channel === dead && id.startsWith("in")) throw passing(30);
        handled.push(id);
      },
      { concurrency: 1 },
    );
    const to = (channel: string, lane: Place["lane"], id: string) => ({
      deliver: { channel, lane, event: messageReceived({ id }), person: { id: "ada" } },
    });
    await queue.intake.accept([to(dead, "in", "in/1")]);
    await until("the helpdesk to be found dead", () => outcomes.length > 3);
    await queue.intake.accept([
      to(dead, "out", "out/1"),
      to(dead, "receipt", "receipt/1"),
      to(alive, "in", "in/2"),
    ]);
    await until("all but the dead lane", () => handled.length === 3);
    expect(handled.sort()).toEqual(["in/2", "out/1", "receipt/1"]);
  });
});

describe("waiting", () => {
  test("lasts as long as the other side asks (Retry-After), and ends soon after", async () => {
    const times: number[] = [];
    work(queue, async () => {
      times.push(performance.now());
      if (times.length === 1) throw passing(700);
    });
    await send("ada", "m1");
    await until("the second try", () => times.length === 2);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(690);
    expect(second - first).toBeLessThan(1500);
  });

  test("is not cut short by new events of the same conversation", async () => {
    const times: number[] = [];
    work(queue, async ({ id }) => {
      times.push(performance.now());
      if (id === "m1" && times.length === 1) throw passing(600);
    });
    await send("ada", "m1");
    await until("the first try", () => times.length === 1);
    for (let n = 2; n < 6; n++) await send("ada", `m${n}`);
    await until("all", () => times.length === 6);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(590);
  });

  test("because of something other than a failure counts no tries, and gives up never", async () => {
    const clock = createClock();
    const tries: number[] = [];
    const { ended } = work(
      queue,
      async (_event, _conversation, tried) => {
        tries.push(tried);
        clock.advance(24 * HOUR);
        if (tries.length < 12) throw new RetryLater("a receipt may still come", 5);
      },
      { now: clock.now, policy: { giveUpAfterMs: HOUR, crashLimit: 2 } },
    );
    await send("ada", "m1");
    await until("the end", () => ended().length === 1);
    expect(ended()).toMatchObject([{ what: "done", id: "m1" }]);
    expect(tries).toEqual(new Array(12).fill(0));
  });

  test("tells the handler how often the event failed", async () => {
    const tries: number[] = [];
    work(queue, async (_event, _conversation, tried) => {
      tries.push(tried);
      if (tries.length < 4) throw passing();
    });
    await send("ada", "m1", "m2");
    await until("both", () => tries.length === 5);
    expect(tries).toEqual([0, 1, 2, 3, 0]);
  });
});

describe("giving up", () => {
  test("on what cannot succeed files a dead letter at once, and the next goes on", async () => {
    const ledger = createLedger();
    const clock = createClock();
    const { ended } = work(
      queue,
      async (event, conversation) => {
        if (event.id === "m1") throw new GiveUp("rejected", "the helpdesk refused the subject");
        await ledger.handle(event, conversation);
      },
      { now: clock.now },
    );
    await send("ada", "m0", "m1", "m2");
    await until("all to end", () => ended().length === 3);
    expect(ended().map(({ what, id }) => `${what} ${id}`)).toEqual(["done m0", "buried m1", "done m2"]);
    expect(await queue.store.deadLetters.find(queue.channel, letterId("m1"))).toMatchObject({
      lane: "in",
      person: "ada",
      kind: "rejected",
      reason: "the helpdesk refused the subject",
      at: clock.iso(),
    });
  });

  test("on an error nobody foresaw takes five tries", async () => {
    let tries = 0;
    const { ended } = work(queue, async ({ id }) => {
      if (id !== "m0") return;
      // What the handler's author did not think of, made quick by the four tries that came before.
      tries++;
      if (tries <= 4) throw passing();
      throw new TypeError("undefined is not a function");
    });
    await send("ada", "m0", "m1");
    await until("both to end", () => ended().length === 2);
    expect(tries).toBe(5);
    expect(ended()).toMatchObject([
      { what: "buried", id: "m0", why: { kind: "bug", reason: "unforeseen TypeError in a handler" } },
      { what: "done", id: "m1" },
    ]);
  });

  test("comes when the time is up, counted from the first failure and not from arrival", async () => {
    const clock = createClock();
    let isDown = true;
    const { ended, outcomes } = work(
      queue,
      async () => {
        if (isDown) throw passing();
      },
      { now: clock.now, policy: { giveUpAfterMs: 2 * HOUR } },
    );
    await send("ada", "m0", "m1");
    await until("some failures", () => outcomes.length >= 3);
    expect(ended()).toEqual([]);
    clock.advance(2 * HOUR + 1);
    await until("the first to be buried", () => ended().length === 1);
    const failures = outcomes.length;
    await until("the second to fail as well", () => outcomes.length >= failures + 2);
    isDown = false;
    await until("the second to end", () => ended().length === 2);
    expect(ended().map(({ what, id }) => `${what} ${id}`)).toEqual(["buried m0", "done m1"]);
  });

  test("on an event that took its worker down again and again, before it does so once more", async () => {
    await send("ada", "m0", "m1");
    // A worker that dies has begun and never says what became of it.
    for (let n = 0; n < 3; n++) {
      await queue.store.mailboxes.begin({ channel: queue.channel, lane: "in", person: "ada" });
    }
    const ledger = createLedger();
    const { ended } = work(queue, ledger.handle, { policy: { crashLimit: 3 } });
    await until("both to end", () => ended().length === 2);
    expect(ended()).toMatchObject([
      { what: "buried", id: "m0", why: { kind: "crash", reason: "handling it ended the worker 3 times" } },
      { what: "done", id: "m1" },
    ]);
    expect(ledger.of("ada")).toEqual(["m1"]);
  });

  test("not before: an event that took its worker down less often is handled", async () => {
    await send("ada", "m0");
    for (let n = 0; n < 2; n++) {
      await queue.store.mailboxes.begin({ channel: queue.channel, lane: "in", person: "ada" });
    }
    const ledger = createLedger();
    work(queue, ledger.handle, { policy: { crashLimit: 3 } });
    await until("it to be handled", () => ledger.handled.length === 1);
  });
});

describe("a busy conversation", () => {
  test("lets others have their turn, and then goes on by itself", async () => {
    const ledger = createLedger();
    await send("busy", ...numbered(80));
    await send("quiet", "q1");
    work(queue, ledger.handle, { concurrency: 1 });
    await until("all", () => ledger.handled.length === 81);
    expect(ledger.handled.findIndex(({ person }) => person === "quiet")).toBeLessThanOrEqual(25);
    expect(ledger.of("busy")).toEqual(numbered(80));
  });
});

test("an event that somebody else took off meanwhile is not counted as done a second time", async () => {
  const ledger = createLedger();
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  const { ended } = work(queue, async (event, conversation) => {
    begun++;
    if (event.id === "m0" && begun === 1) await held;
    await ledger.handle(event, conversation);
  });
  await send("ada", "m0", "m1", "m2");
  await until("the first to begin", () => begun === 1);
  // As a second worker does when the first was frozen for longer than its lock lasts.
  const place = { channel: queue.channel, lane: "in", person: "ada" } as const;
  const head = await queue.store.mailboxes.begin(place);
  if (head) expect(await queue.store.mailboxes.done(place, head)).toBe("more waits");
  release?.();
  await until("the rest", () => ended().length === 2);
  expect(ended().map(({ id }) => id)).toEqual(["m1", "m2"]);
  expect(await queue.redis.exists(keys.mailbox(queue.channel, "in", "ada"))).toBe(0);
});

describe("who waits for what becomes a dead letter", () => {
  test("is told before it is one, and told again rather than never", async () => {
    const told: string[] = [];
    const { ended } = work(
      queue,
      async () => {
        throw new GiveUp("rejected", "no");
      },
      {
        givenUp: async (event, { person }, { kind }) => {
          const letters = await queue.store.deadLetters.count(queue.channel);
          told.push(`${event.id} of ${person}: ${kind}, ${letters} letters`);
          if (told.length === 1) throw passing();
        },
      },
    );
    await send("ada", "m0");
    await until("it to be buried", () => ended().length === 1);
    expect(told).toEqual(Array(2).fill("m0 of ada: rejected, 0 letters"));
    expect(await queue.store.deadLetters.count(queue.channel)).toBe(1);
  });
});

describe("replaying a dead letter", () => {
  test("has it handled once, even when it is asked for twice at once", async () => {
    const ledger = createLedger();
    let isBroken = true;
    const { ended } = work(queue, async (event, conversation) => {
      if (isBroken) throw new GiveUp("rejected", "no");
      await ledger.handle(event, conversation);
    });
    await send("ada", "m0");
    await until("it to be buried", () => ended().length === 1);
    isBroken = false;
    const replay = async () => {
      const letter = await queue.store.deadLetters.replay(queue.channel, letterId("m0"));
      if (letter) await queue.queues.wake(queue.channel, letter.lane, [letter.person]);
      return letter !== undefined;
    };
    expect((await Promise.all([replay(), replay()])).sort()).toEqual([false, true]);
    await until("it to be handled", () => ended().length === 2);
    await send("ada", "m0", "m1");
    await until("the next", () => ended().length === 3);
    expect(ledger.of("ada")).toEqual(["m0", "m1"]);
    expect(await queue.store.deadLetters.count(queue.channel)).toBe(0);
  });
});
