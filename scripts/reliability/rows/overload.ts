import { connectRedis } from "../../../src/store/connection.ts";
import { keys } from "../../../src/store/keys.ts";
import { sendLoad } from "../../bench/load.ts";
import { createWebhooks } from "../../bench/webhooks.ts";
import type { MeasureRow } from "../row.ts";
import { onStage } from "../stage.ts";

type Redis = Awaited<ReturnType<typeof connectRedis>>;

/** G14: events that nobody works off, first to weigh them, then until Redis has no more memory. */
export const measureOverload: MeasureRow = async ({ seed, quick }) => {
  const name = `overload-${seed}`;
  const weighed = quick ? 1000 : 20_000;
  return onStage({ name, redis: { appendfsync: "always" } }, async ({ stack, redis }) => {
    const app = await stack.start("intake");
    const port = Number(new URL(app.url).port);
    const make = createWebhooks(`/webhooks/channels/${name}`);
    const client = await connectRedis(redis.url, "worker");
    // The 500 people who write have their place in memory by then: they stay when nothing waits.
    await sendLoad({ port, requests: make(500), connections: 20, seconds: 60 });
    const before = await usedBytes(client);
    const some = await sendLoad({ port, requests: make(weighed), connections: 20, seconds: 120 });
    const bytesAWaitingEvent = Math.round(((await usedBytes(client)) - before) / some.accepted);

    await client.config("SET", "maxmemory", String((await usedBytes(client)) + 2 ** 20));
    const flood = await sendLoad({
      port,
      requests: make(quick ? 4000 : 8000),
      connections: 20,
      seconds: 120,
    });
    const waiting = await countWaiting(client, name);
    client.disconnect();
    const accepted = 500 + some.accepted + flood.accepted;
    const figures = {
      bytesAWaitingEvent,
      refusedWhenFull: flood.refused,
      acceptedAndLost: Math.max(0, accepted - waiting),
    };
    const passed = bytesAWaitingEvent <= 2048 && flood.refused > 0 && figures.acceptedAndLost === 0;
    return [{ id: "G14", n: { accepted, people: 500 }, figures, passed }];
  });
};

async function usedBytes(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info("memory"))?.[1]);
}

async function countWaiting(client: Redis, channel: string): Promise<number> {
  const people = await client.smembers(keys.pending(channel, "in"));
  const lengths = await Promise.all(people.map((person) => client.llen(keys.mailbox(channel, "in", person))));
  return lengths.reduce((sum, length) => sum + length, 0);
}
