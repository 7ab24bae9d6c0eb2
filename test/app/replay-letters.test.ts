import { expect, it, onTestFinished } from "vitest";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { openOperations } from "../../src/app/operations.ts";
import { replayLetters } from "../../src/app/replay-letters.ts";
import type { Config } from "../../src/config/schema.ts";
import { readEntry } from "../../src/domain/audit.ts";
import { appendArguments } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { messageReceived, person } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { openRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { type AppSetup, setUpApp } from "./app-setup.ts";

const PEOPLE = 50;
const EACH = 20;
const WHY = { kind: "rejected", reason: "the helpdesk refused it", at: new Date().toISOString() };

/** As many messages of each of them, given up one by one. */
async function buryThousand({ store, channel }: AppSetup): Promise<void> {
  const redis = await openRedis();
  const places = new Set<string>();
  for (let round = 0; round < EACH; round++) {
    for (let n = 0; n < PEOPLE; n++) {
      const event = messageReceived({ person: person(n), message: { text: `<${n}:${round}>` } });
      const delivery = { channel, lane: "in" as const, event, person: { seen: person(n) } };
      const [, whose] = (await runScript(redis, "append", appendArguments(delivery))) as [number, string];
      places.add(whose);
      const place = { channel, lane: "in" as const, person: whose };
      const head = await store.mailboxes.begin(place);
      if (!head || !(await store.mailboxes.bury(place, head, WHY))) throw new Error("it was not buried");
    }
  }
  expect(places.size).toBe(PEOPLE);
}

async function operators(config: Config, count: number) {
  const opened = await Promise.all(Array.from({ length: count }, () => openOperations({ config })));
  return { opened, close: () => Promise.all(opened.map((one) => one.close())) };
}

it("O07: a thousand dead letters, replayed by two operators at once during an outage, have their effect once, in order", {
  timeout: 90_000,
}, async () => {
  const setup = await setUpApp();
  const { desk, store, channel, config } = setup;
  await buryThousand(setup);
  expect(await store.deadLetters.count(channel)).toBe(PEOPLE * EACH);
  desk.script.always("upsertContact", fails("unavailable"));
  await setup.start();

  const { opened, close } = await operators(config, 2);
  const quick = { perSecond: 1_000_000, now: () => 0, wait: async () => undefined };
  const counts = await Promise.all(opened.map((operator) => replayLetters(operator, () => true, quick)));
  await close();
  expect(counts[0] ?? 0).toBeGreaterThan(0);
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(PEOPLE * EACH);
  await until("the outage to be felt", () => desk.script.count("upsertContact") >= 10);
  expect(desk.comments).toEqual([]);
  desk.script.always("upsertContact", "ok");
  await until("all comments", () => desk.comments.length >= PEOPLE * EACH, { withinMs: 60_000 });

  expect(await store.deadLetters.count(channel)).toBe(0);
  expect([desk.contacts.length, desk.tickets.length]).toEqual([PEOPLE, PEOPLE]);
  for (let n = 0; n < PEOPLE; n++) {
    const texts = desk.comments.flatMap(({ body }) => new RegExp(`<${n}:(\\d+)>`).exec(body)?.[1] ?? []);
    expect(texts).toEqual(Array.from({ length: EACH }, (_, round) => String(round)));
  }

  const chain = await store.audits.read(channel);
  const acts = chain.texts
    .flatMap((text) => readEntry(text) ?? [])
    .filter(({ what }) => what === "dead.replayed");
  expect(new Set(acts.map(({ detail }) => detail?.["letter"])).size).toBe(PEOPLE * EACH);
  expect(acts.every(({ by, at }) => by.startsWith("user:") && !Number.isNaN(Date.parse(at)))).toBe(true);
});

it("O07: letters go back no faster than asked for, and it is told how far it is", async () => {
  const clock = createClock();
  const letters = Array.from({ length: 50 }, (_, n) => ({
    ...WHY,
    id: `l${n}`,
    lane: "in" as const,
    person: "ada",
    event: messageReceived(),
  }));
  const replayed: [string, number][] = [];
  const told: string[] = [];
  const count = await replayLetters(
    {
      channels: ["city"],
      deadLetters: {
        list: async function* () {
          yield* letters.toReversed();
        },
      },
      replay: async (_channel, id) => replayed.push([id, clock.now()]) > 0,
    },
    () => true,
    {
      perSecond: 10,
      now: clock.now,
      wait: async (ms) => clock.advance(ms),
      told: (done, all) => void told.push(`${done}/${all}`),
    },
  );
  expect(count).toBe(50);
  expect(replayed.map(([id]) => id)).toEqual(letters.map(({ id }) => id));
  const [, first = 0] = replayed[0] ?? [];
  expect(replayed.map(([, at]) => at - first)).toEqual(letters.map((_, n) => n * 100));
  expect(told.at(-1)).toBe("50/50");
});

it("R21: an operator's command outlasts a Redis that stands still for a second", async () => {
  const server = await startPrivateRedis({ say: () => undefined });
  onTestFinished(() => server.stop());
  const redis = await openRedis("worker", server.url);
  const { config } = await setUpApp();
  const operations = await openOperations({
    config: { ...config, redis: { ...config.redis, url: server.url } },
  });
  onTestFinished(() => operations.close());
  const [channel = ""] = operations.channels;
  // Longer than an intake waits.
  await redis.call("CLIENT", "PAUSE", "1200", "ALL");
  expect(await operations.deadLetters.count(channel)).toBe(0);
});
