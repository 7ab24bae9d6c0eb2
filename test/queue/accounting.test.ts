import fc from "fast-check";
import { expect, test } from "vitest";
import { GiveUp, RetryLater } from "../../src/domain/failure.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { PluginError } from "../../src/sdk/index.ts";
import { keys } from "../../src/store/keys.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { keysLike } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { openQueue, work } from "./running-queue.ts";

/** What happens when an event is tried; the last goes on for ever. */
type Fate = ("ok" | "passing" | "waiting" | "refused")[];

const fate: fc.Arbitrary<Fate> = fc
  .tuple(
    fc.array(fc.constantFrom("passing" as const, "waiting" as const), { maxLength: 3 }),
    fc.oneof(
      { weight: 8, arbitrary: fc.constant("ok" as const) },
      { weight: 1, arbitrary: fc.constant("refused" as const) },
    ),
  )
  .map(([before, end]) => [...before, end]);

const plan = fc.array(
  fc.record({ person: fc.integer({ min: 0, max: 12 }), fate, copies: fc.integer({ min: 1, max: 3 }) }),
  { minLength: 30, maxLength: 120 },
);

const errors = {
  passing: () => new PluginError({ kind: "unavailable", retryAfterMs: 2, operatorMessage: "503" }),
  waiting: () => new RetryLater("later", 2),
  refused: () => new GiveUp("rejected", "no"),
};

test("R12: every event ends as done or dead, once, in order: the sum is what was sent", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (events) => {
      const queue = await openQueue();
      const tries = new Map<string, number>();
      const ended = new Map<string, string[]>();
      const { outcomes, workers } = work(queue, async ({ id }, { person }) => {
        const { fate = [] } = events[Number(id)] ?? {};
        const tried = tries.get(id) ?? 0;
        tries.set(id, tried + 1);
        const what = fate[Math.min(tried, fate.length - 1)] ?? "ok";
        if (what === "ok" || what === "refused") ended.set(person, [...(ended.get(person) ?? []), id]);
        if (what !== "ok") throw errors[what]();
      });
      const items = events.flatMap(({ person, copies }, id) =>
        new Array(copies).fill(
          delivery(queue.channel, messageReceived({ id: `${id}` }), { id: `p${person}` }),
        ),
      );
      for (let n = 0; n < items.length; n += 7) await queue.intake.accept(items.slice(n, n + 7));

      const done = () => outcomes.filter(({ what }) => what === "done").map(({ id }) => id);
      const dead = () => outcomes.filter(({ what }) => what === "buried").map(({ id }) => id);
      await until("all to end", () => done().length + dead().length === events.length);

      const isRefused = (_: unknown, id: number) => events[id]?.fate.at(-1) === "refused";
      const ids = events.map((_, id) => `${id}`);
      expect([...dead()].sort()).toEqual(ids.filter(isRefused).sort());
      expect([...done(), ...dead()].sort()).toEqual([...ids].sort());
      for (const [person, order] of ended) {
        expect(order).toEqual(ids.filter((id) => `p${events[Number(id)]?.person}` === person));
      }
      const letters = await queue.redis.hkeys(keys.dead(queue.channel));
      expect(letters.sort()).toEqual(
        dead()
          .map((id) => eventKey(`in/${id}`))
          .sort(),
      );
      expect(await keysLike(queue.redis, `{deskferry:${queue.channel}}:mailbox:*`)).toEqual([]);
      expect(await queue.store.mailboxes.waiting(queue.channel, "in")).toBe(0);
      await workers.close();
    }),
    { numRuns: 8 },
  );
}, 60_000);
