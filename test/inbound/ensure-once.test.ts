import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { asFailure } from "../../src/domain/failure.ts";
import { ensureOnce } from "../../src/inbound/ensure-once.ts";
import type { Idempotency } from "../../src/sdk/connector.ts";
import { createIntents, type Intents } from "../../src/store/intents.ts";
import { createClock, type TestClock } from "../support/clock.ts";
import { failureOf } from "../support/failure-of.ts";
import {
  createFakeHelpdesk,
  type FakeHelpdesk,
  fails,
  lostAnswer,
  pluginError,
} from "../support/fake-helpdesk.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";
import { type Outcome, untilCrash } from "../support/scripted.ts";

const SETTLE_MS = 5000;
const A: Idempotency = { class: "A" };
const B: Idempotency = { class: "B", settleMs: SETTLE_MS };

let intents: Intents;
let channel: string;
let clock: TestClock;
let made = 0;

beforeEach(async () => {
  const redis = await openRedis();
  intents = createIntents(redis);
  channel = uniqueChannel(redis);
  clock = createClock();
});

interface Once {
  desk: FakeHelpdesk;
  id: string;
  run(): Promise<string>;
}

/** One ticket to be made, in a helpdesk that shows new records to its search only after the time it declares. */
function once(idempotency: Idempotency, { conflicts = false, findTakesMs = 0 } = {}): Once {
  const lagMs = idempotency.class === "B" ? idempotency.settleMs : 0;
  const desk = createFakeHelpdesk({ clock, idempotency, lagMs, conflicts });
  desk.contacts.push({ id: "contact-1", key: { externalId: "x" }, record: { name: "x" } });
  const id = `deskferry/${channel}/abc/${++made}`;
  const run = () =>
    ensureOnce(intents, {
      channel,
      id,
      idempotency,
      clock,
      find: async () => {
        const found = await desk.connector.findTicket?.(id);
        clock.advance(findTakesMs);
        return found;
      },
      create: () =>
        desk.connector.createTicket({ externalId: id, contactId: "contact-1", ticket: { subject: "s" } }),
    });
  return { desk, id, run };
}

describe("ensureOnce", () => {
  it("makes the record once and remembers it without asking the helpdesk again", async () => {
    const { desk, run } = once(B);
    const first = await run();
    expect(await run()).toBe(first);
    expect(desk.script.calls).toEqual(["createTicket"]);
  });

  it.each<[string, Idempotency]>([
    ["B", B],
    ["C, hold", { class: "C", onUnclear: "hold" }],
    ["C, retry", { class: "C", onUnclear: "retry" }],
  ])(
    "R06: class %s: of workers that hold the same event and have seen no try before, one makes it and the others wait",
    async (_name, idempotency) => {
      for (let n = 0; n < 20; n++) {
        const { desk, run, id } = once(idempotency);
        const ends = await Promise.allSettled([run(), run(), run()]);
        expect(desk.tickets).toHaveLength(1);
        const waits = ends.flatMap((end) => (end.status === "rejected" ? [asFailure(end.reason)] : []));
        const other = {
          kind: "waiting",
          retryAfterMs: 1000,
          operatorMessage: "another worker is making the record",
        };
        expect(waits).toMatchObject([other, other]);
        // Theirs were no tries.
        expect(await intents.get(channel, id)).toMatchObject({ attempts: 1 });
        expect(await run()).toBe(desk.tickets[0]?.id);
      }
    },
  );

  it("class A: workers that hold the same event all go on: the helpdesk makes one record of it", async () => {
    const { desk, run } = once(A);
    const made = await Promise.all([run(), run()]);
    expect(new Set(made)).toEqual(new Set([desk.tickets[0]?.id]));
    expect(desk.tickets).toHaveLength(1);
    expect(desk.script.count("createTicket")).toBe(2);
  });

  it("class A: after an unclear answer simply calls again and gets the same record", async () => {
    const { desk, run } = once(A);
    desk.script.next("createTicket", lostAnswer());
    await expect(run()).rejects.toMatchObject({ kind: "ambiguous" });
    expect(await run()).toBe(desk.tickets[0]?.id);
    expect(desk.tickets).toHaveLength(1);
    expect(desk.script.count("findTicket")).toBe(0);
  });

  it("class B: waits for the index, then finds what an unclear try had made", async () => {
    const { desk, run } = once(B);
    desk.script.next("createTicket", lostAnswer());
    await expect(run()).rejects.toMatchObject({ kind: "ambiguous" });
    clock.advance(SETTLE_MS - 1);
    await expect(run()).rejects.toMatchObject({
      kind: "waiting",
      retryAfterMs: 1,
      operatorMessage: "the helpdesk's search may not show the record yet",
    });
    clock.advance(1);
    expect(await run()).toBe(desk.tickets[0]?.id);
    expect(desk.tickets).toHaveLength(1);
    expect(desk.script.count("createTicket")).toBe(1);
  });

  it("class B: makes it after the settling time when the unclear try had made nothing", async () => {
    const { desk, run } = once(B);
    desk.script.next("createTicket", fails("ambiguous"));
    await expect(run()).rejects.toMatchObject({ kind: "ambiguous" });
    clock.advance(SETTLE_MS);
    await run();
    expect(desk.tickets).toHaveLength(1);
    expect(desk.script.calls).toEqual(["createTicket", "findTicket", "createTicket"]);
  });

  it("class B: the settling time counts from the end of the unclear call, not from its beginning", async () => {
    const { desk, run } = once(B);
    desk.script.next("createTicket", lostAnswer(20_000));
    await expect(run()).rejects.toMatchObject({ kind: "ambiguous" });
    clock.advance(1000);
    await expect(run()).rejects.toMatchObject({ kind: "waiting", retryAfterMs: SETTLE_MS - 1000 });
    clock.advance(SETTLE_MS - 1000);
    await run();
    expect(desk.tickets).toHaveLength(1);
  });

  it("class B: a look-up that was asked before the settling time says nothing, however late it is answered", async () => {
    const { desk, run } = once(B, { findTakesMs: SETTLE_MS });
    desk.script.next("createTicket", lostAnswer());
    await expect(run()).rejects.toMatchObject({ kind: "ambiguous" });
    clock.advance(1000);
    await expect(run()).rejects.toMatchObject({ kind: "waiting", retryAfterMs: SETTLE_MS - 1000 });
    expect(await run()).toBe(desk.tickets[0]?.id);
    expect(desk.tickets).toHaveLength(1);
  });

  it("class B: a crash between the call and its record leaves an intent, by which the record is found", async () => {
    const { desk, run, id } = once(B);
    desk.script.next("createTicket", { crash: "after" });
    expect(await untilCrash(desk.script, run)).toBe("crashed");
    const intent = await intents.get(channel, id);
    expect(intent).toMatchObject({ attempts: 1 });
    expect(intent?.result).toBeUndefined();
    clock.advance(SETTLE_MS);
    expect(await run()).toBe(desk.tickets[0]?.id);
    expect(desk.tickets).toHaveLength(1);
  });

  it("a conflict means that the record is there already", async () => {
    const { desk, run, id } = once(B, { conflicts: true });
    desk.tickets.push({
      id: "ticket-9",
      externalId: id,
      contactId: "contact-1",
      ticket: { subject: "s" },
      status: "new",
      files: [],
    });
    expect(await run()).toBe("ticket-9");
    expect(await run()).toBe("ticket-9");
    expect(desk.script.count("createTicket")).toBe(1);
  });

  it("class B: a conflict with a record that the search does not show yet is looked up later", async () => {
    const { desk, run, id } = once(B, { conflicts: true });
    await desk.connector.createTicket({ externalId: id, contactId: "contact-1", ticket: { subject: "s" } });
    await expect(run()).rejects.toMatchObject({
      kind: "waiting",
      retryAfterMs: SETTLE_MS,
      operatorMessage: "the helpdesk has the record, but its search does not show it",
    });
    clock.advance(SETTLE_MS);
    expect(await run()).toBe(desk.tickets[0]?.id);
    expect(desk.tickets).toHaveLength(1);
  });

  it("class B: a conflict with something that is never found is given up, not repeated for ever", async () => {
    const { desk, run } = once(B);
    desk.script.always("createTicket", fails("conflict"));
    await expect(run()).rejects.toMatchObject({ kind: "waiting" });
    clock.advance(SETTLE_MS);
    await expect(run()).rejects.toMatchObject({ kind: "conflict" });
  });

  it("class A: a conflict with something that is not found is given up at once, and leaves no intent", async () => {
    const { desk, run, id } = once(A);
    desk.script.always("createTicket", fails("conflict"));
    await expect(run()).rejects.toMatchObject({ kind: "conflict" });
    expect(await intents.get(channel, id)).toBeUndefined();
  });

  it("class C, hold: after an unclear answer nobody makes it, however often it is needed, until an operator decides", async () => {
    const { desk, run, id } = once({ class: "C", onUnclear: "hold" });
    desk.script.next("createTicket", lostAnswer());
    await expect(run()).rejects.toMatchObject({ kind: "ambiguous" });
    for (let times = 0; times < 3; times++) {
      expect(await failureOf(run())).toMatchObject({
        kind: "unclear",
        retryable: false,
        unclear: id,
        operatorMessage: "a create ended unknown and the helpdesk cannot be asked; replay makes it again",
      });
    }
    expect(desk.script.calls).toEqual(["createTicket"]);
  });

  it("class C, retry: takes the risk of one double for each unclear answer", async () => {
    const { desk, run } = once({ class: "C", onUnclear: "retry" });
    desk.script.next("createTicket", lostAnswer());
    await expect(run()).rejects.toMatchObject({ kind: "ambiguous" });
    await run();
    expect(desk.tickets).toHaveLength(2);
  });

  it.each([
    ["throttled", true],
    ["unavailable", true],
    ["auth", true],
    ["rejected", false],
  ] as const)(
    "a certain failure (%s) leaves no intent, so that the next try need not look",
    async (kind, retryable) => {
      const { desk, run, id } = once(B);
      desk.script.next("createTicket", fails(kind));
      await expect(run()).rejects.toMatchObject({ kind, retryable });
      expect(await intents.get(channel, id)).toBeUndefined();
      await run();
      expect(desk.script.calls).toEqual(["createTicket", "createTicket"]);
    },
  );

  it("an error that nobody foresaw counts as unclear, and is thrown as it is", async () => {
    const { desk, run, id } = once(B);
    desk.script.next("createTicket", { fail: () => new TypeError("unforeseen"), when: "after" });
    await expect(run()).rejects.toThrow(/^unforeseen$/);
    expect(await intents.get(channel, id)).toBeDefined();
    clock.advance(SETTLE_MS);
    await run();
    expect(desk.tickets).toHaveLength(1);
  });
});

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constantFrom("throttled", "unavailable", "auth").map((kind) => fails(kind as "auth")),
  fc.nat(30_000).map((takesMs) => ({ fail: pluginError("ambiguous"), when: "before" as const, takesMs })),
  fc.nat(30_000).map((takesMs) => lostAnswer(takesMs)),
  fc.constantFrom({ crash: "before" as const }, { crash: "after" as const }),
  fc.constant({ fail: () => new TypeError("unforeseen"), when: "after" as const }),
);

/** Tries until it succeeds, as the queue would: after its own delay, or the one asked for. */
async function persist({ desk, run }: Once, delays: number[]): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const end = await untilCrash(desk.script, run).catch((error: unknown) => error);
    if (end === "done") return;
    const asked = asFailure(end)?.retryAfterMs;
    clock.advance(asked ?? delays[tries % Math.max(1, delays.length)] ?? 1000);
  }
  throw new Error("no end after 200 tries");
}

describe("any script of failures", () => {
  it.each([
    ["A", A, false],
    ["B", B, false],
    ["B with unique external ids", B, true],
  ] as const)("leaves exactly one record: class %s", async (_name, idempotency, conflicts) => {
    const script = fc.record({
      creates: fc.array(outcome, { maxLength: 8 }),
      finds: fc.array(fc.oneof(outcome, fc.constant("ok" as const)), { maxLength: 4 }),
      delays: fc.array(fc.nat(20_000), { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(script, async ({ creates, finds, delays }) => {
        const one = once(idempotency, { conflicts });
        one.desk.script.next("createTicket", ...creates);
        one.desk.script.next("findTicket", ...finds);
        await persist(one, delays);
        expect(one.desk.tickets).toHaveLength(1);
        expect(await one.run()).toBe(one.desk.tickets[0]?.id);
      }),
      { numRuns: 300 },
    );
  });
});
