/**
 * What Redis writes, carries and remembers for a message on its way from WhatsApp into the helpdesk, each written by somebody who has a
 * ticket, when it is quiet: one comment each, and whoever writes is woken each time. For docs/scaling.md.
 */
import { Redis } from "ioredis";
import { startPrivateRedis } from "./private-redis.ts";
import { type Stack, startStack } from "./stack.ts";

const PEOPLE = 100;
const ROUNDS = 10;
const MESSAGES = PEOPLE * ROUNDS;
const text =
  "The street light in front of number 12 is broken again, since Monday evening, could you please look?";

/** Everybody writes once, all at once; resolves when the helpdesk has a comment for each. */
async function everybodyWrites(stack: Stack, comments: number): Promise<void> {
  const messages = Array.from({ length: PEOPLE }, (_, n) => ({
    person: { phone: `+447700${900_000 + n}`, name: `Person ${n}` },
    text,
  }));
  await stack.graph("POST", "/messages", { delivery: "album", wait: true, messages });
  const count = async () =>
    (await stack.deskLedger()).tickets.reduce((sum, one) => sum + one.comments.length, 0);
  while ((await count()) < comments) await new Promise((resolve) => setTimeout(resolve, 200));
}

const redis = await startPrivateRedis({
  config: ["--auto-aof-rewrite-percentage", "0"],
  say: () => undefined,
});
const client = new Redis(redis.url);
const stack = await startStack({ redisUrl: redis.url, name: "cost" });
try {
  await Promise.all([stack.start("intake"), stack.start("worker")]);
  /** Traces and BullMQ's account of its jobs: they have a length of their own, whatever goes through. */
  const bytesOfStreams = async () => {
    const [, streams] = (await client.call("SCAN", 0, "COUNT", 1_000_000, "TYPE", "stream")) as [
      string,
      string[],
    ];
    const sizes = await Promise.all(streams.map((key) => client.memory("USAGE", key, "SAMPLES", 0)));
    return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
  };
  const look = async () => {
    const info = await client.info();
    const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
    return {
      rememberedBytes: field("used_memory_dataset") - (await bytesOfStreams()),
      appendOnlyBytes: field("aof_current_size"),
      bytesToRedis: field("total_net_input_bytes"),
      bytesFromRedis: field("total_net_output_bytes"),
    };
  };
  // Contacts and tickets are made, and code is compiled.
  for (let round = 1; round <= 2; round++) await everybodyWrites(stack, round * PEOPLE);
  const before = await look();
  for (let round = 3; round < 3 + ROUNDS; round++) await everybodyWrites(stack, round * PEOPLE);
  const after = await look();
  const each = Object.entries(after).map(([name, value]) => [
    name,
    Math.round((value - before[name as keyof typeof before]) / MESSAGES),
  ]);
  process.stdout.write(`${JSON.stringify({ messages: MESSAGES, ...Object.fromEntries(each) })}\n`);
} finally {
  await stack.stop();
  client.disconnect();
  await redis.stop();
}
