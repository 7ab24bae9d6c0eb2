import { DelayedError } from "bullmq";
import { describe, expect, test } from "vitest";
import { GiveUp, NotTogether, RetryLater } from "../../src/domain/failure.ts";
import { type DrainTools, drain } from "../../src/queue/drain.ts";
import type { Head, Place } from "../../src/store/mailbox.ts";
import { messageReceived } from "../support/builders.ts";

const place: Place = { channel: "city", lane: "in", person: "ada" };
const NOW = Date.parse("2026-11-22T00:00:00Z");
const head = (id: string, more: Partial<Head> = {}): Head => ({
  raw: id,
  event: messageReceived({ id }),
  alone: true,
  tries: 0,
  since: undefined,
  unfinished: 0,
  begun: 1,
  ...more,
});

/** One drain over these heads, each step as it was asked of the store, the log and the job. */
async function run(
  heads: Head[],
  handle: DrainTools["handle"],
  { left = true, ...given }: Partial<DrainTools> & { left?: boolean } = {},
) {
  const steps: string[] = [];
  const note = (what: string) => (_place: unknown, one: Head, why?: unknown) => {
    steps.push([what, one.event.id, ...(why === undefined ? [] : [JSON.stringify(why)])].join(" "));
    return left as never;
  };
  const tools = {
    mailboxes: {
      begin: async () => heads[0],
      done: async (_place: Place, one: Head) => {
        steps.push(`done ${one.event.id}`);
        heads.shift();
        if (!left) return undefined;
        return heads.length === 0 ? "nothing waits" : "more wait";
      },
      separate: async (...args: [Place, Head]) => note("separate")(...args),
      failed: async (_place: Place, one: Head, at: number) => note("failed")(_place, one, at - NOW),
      putOff: async (...args: [Place, Head]) => note("put off")(...args),
      bury: async (_place: Place, one: Head, why: object) => {
        heads.shift();
        return note("bury")(_place, one, why);
      },
    },
    handle,
    policy: { crashLimit: 3, giveUpAfterMs: 3_600_000, random: () => 0 },
    log: {
      done: (_: Place, one: Head) => steps.push(`log done ${one.event.id}`),
      waiting: (_: Place, one: Head, { kind }: { kind: string }) => steps.push(`log ${kind} ${one.event.id}`),
      separated: note("log separated"),
      buried: note("log buried"),
      broken: () => steps.push("log broken"),
      newer: () => steps.push("log newer"),
    },
    now: () => NOW,
    wakeAgain: async (person: string) => void steps.push(`wake ${person}`),
    ...given,
  } as unknown as DrainTools;
  const job = { moveToDelayed: async (_at: number, token: string) => void steps.push(`delayed by ${token}`) };
  const end = await drain(job as never, "worker", place, tools).then(
    () => "ended",
    (error: unknown) => (error instanceof DelayedError ? "delayed" : error),
  );
  return { steps, end };
}

const ok = async () => undefined;

describe("a drain", () => {
  test("ends when nothing waits, before it or after the last one, and delays nothing", async () => {
    expect(await run([], ok)).toEqual({ steps: [], end: "ended" });
    expect(await run([head("m1"), head("m2")], ok)).toEqual({
      steps: ["done m1", "log done m1", "done m2", "log done m2"],
      end: "ended",
    });
  });

  test("tells nobody that it has done what another has taken off before", async () => {
    const { steps } = await run([head("m1")], ok, { left: false });
    expect(steps).toEqual(["done m1"]);
  });

  test("gives others their turn after 25 events, and comes back", async () => {
    const many = Array.from({ length: 30 }, (_, n) => head(`m${n}`));
    const { steps, end } = await run(many, ok);
    expect(steps.filter((step) => step.startsWith("done"))).toHaveLength(25);
    expect([steps.at(-1), end]).toEqual(["wake ada", "ended"]);
  });

  test.each([true, false])(
    "takes apart what does not go together, and says so if it was the one: %s",
    async (left) => {
      let tried = 0;
      const apart = async () => {
        if (tried++ === 0) throw new NotTogether("too large");
      };
      const { steps } = await run([head("m1")], apart, { left });
      const said = left ? ['log separated m1 "too large"'] : [];
      expect(steps.slice(0, 1 + said.length)).toEqual(["separate m1", ...said]);
      expect(steps.some((step) => /failed|bury|put off/.test(step))).toBe(false);
    },
  );

  test("delays what fails for now, which counts; what only waits does not count", async () => {
    const failing = await run([head("m1")], () => Promise.reject(new Error("odd")));
    expect(failing).toEqual({ steps: ["failed m1 0", "log bug m1", "delayed by worker"], end: "delayed" });
    const waiting = await run([head("m1")], () => Promise.reject(new RetryLater("a receipt", 5)));
    expect(waiting).toEqual({ steps: ["put off m1", "log waiting m1", "delayed by worker"], end: "delayed" });
  });

  test.each([true, false])(
    "buries what cannot succeed, tells who waits for it before, and the log if it was the one: %s",
    async (left) => {
      const told: unknown[] = [];
      const givenUp: DrainTools["givenUp"] = async ({ id }, key, why) => void told.push([id, key, why]);
      const why = { kind: "rejected", reason: "no" };
      const { steps } = await run([head("m1")], () => Promise.reject(new GiveUp("rejected", "no")), {
        left,
        givenUp,
      });
      const at = new Date(NOW).toISOString();
      const said = left ? [`log buried m1 ${JSON.stringify(why)}`] : [];
      expect(steps).toEqual([`bury m1 ${JSON.stringify({ ...why, at })}`, ...said]);
      expect(told).toEqual([["m1", { channel: "city", person: "ada" }, why]]);
    },
  );

  test("buries unhandled what has ended its worker too often", async () => {
    const handled: string[] = [];
    const handle: DrainTools["handle"] = async ({ id }) => void handled.push(id);
    const { steps } = await run([head("m1", { unfinished: 3 }), head("m2", { unfinished: 2 })], handle);
    expect(handled).toEqual(["m2"]);
    expect(steps[0]).toContain('"kind":"crash","reason":"handling it ended the worker 3 times"');
  });
});
