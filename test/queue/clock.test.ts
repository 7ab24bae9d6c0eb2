import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PluginError } from "../../src/sdk/index.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { until } from "../support/until.ts";
import { createLedger, type OpenQueue, openQueue, work } from "./running-queue.ts";

const MINUTE = 60_000;
let queue: OpenQueue;
let skew = 0;

beforeEach(async () => {
  queue = await openQueue();
  const real = Date.now.bind(Date);
  skew = 0;
  vi.spyOn(Date, "now").mockImplementation(() => real() + skew);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const send = (person: string, ...ids: string[]) =>
  queue.intake.accept(ids.map((id) => delivery(queue.channel, messageReceived({ id }), { id: person })));
const people = Array.from({ length: 20 }, (_, n) => `p${n}`);

test("O08: a clock that jumps an hour ahead and back while events fail and are tried again loses none, reorders none and gives none up", async () => {
  const ledger = createLedger();
  const failedOnce = new Set<string>();
  const { outcomes, ended } = work(queue, async (event, conversation) => {
    if (!failedOnce.has(event.id)) {
      failedOnce.add(event.id);
      throw new PluginError({ kind: "unavailable", retryAfterMs: 30, operatorMessage: "503" });
    }
    await ledger.handle(event, conversation);
  });
  for (const [round, jump] of [60 * MINUTE, 0, -60 * MINUTE, 60 * MINUTE].entries()) {
    for (const person of people) await send(person, `${person}/${round}`);
    skew = jump;
  }
  await until("all to be handled", () => ended().length === people.length * 4, { withinMs: 15_000 });
  for (const person of people)
    expect(ledger.of(person)).toEqual([0, 1, 2, 3].map((round) => `${person}/${round}`));
  const waits = outcomes.filter(({ what }) => what === "waiting");
  expect(waits).toHaveLength(people.length * 4);
  expect(waits.every(({ why }) => (why?.delayMs ?? -1) >= 0)).toBe(true);
  expect(ended().every(({ what }) => what === "done")).toBe(true);
});

test("O08: after a step back of ten minutes what is new is handled at once, and what was to be tried again waits no longer than the step", async () => {
  const ledger = createLedger();
  let isDown = true;
  const { outcomes, ended } = work(queue, async (event, conversation) => {
    if (isDown) throw new PluginError({ kind: "unavailable", retryAfterMs: 200, operatorMessage: "503" });
    await ledger.handle(event, conversation);
  });
  await send("ada", "m1");
  await until("the first try", () => outcomes.length === 1);
  isDown = false;
  skew = -10 * MINUTE;
  await send("bob", "m2");
  await until("the new one", () => ledger.of("bob").length === 1);
  skew = 0;
  // As time goes on, the step later.
  await send("cy", "m3");
  await until("all to be handled", () => ended().length === 3, { withinMs: 15_000 });
  expect(ledger.of("ada")).toEqual(["m1"]);
});
