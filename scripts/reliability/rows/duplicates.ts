import { setTimeout as sleep } from "node:timers/promises";
import type { DeskLedger } from "../../../src/sandbox/desk/reads.ts";
import { connectRedis } from "../../../src/store/connection.ts";
import { seededRandom } from "../../chaos/random.ts";
import type { Stack } from "../../stack.ts";
import type { MeasureRow } from "../row.ts";
import { comesTrue, onStage } from "../stage.ts";

const HOUR_MS = 3_600_000;
/** Meta repeats for 7 days. */
const LATE_MS = 7 * 24 * HOUR_MS - HOUR_MS;
/** Copies of one webhook at the same moment. */
const AT_ONCE = 50;

interface Sent {
  person: { phone: string; name: string };
  text: string;
  wamid: string;
  sentAt: number;
}

/**
 * G5: each message is delivered two to five times at once, one of them fifty times; all of them once more in another
 * order when they have been handled; and again 6 days and 23 hours later, for which every key in Redis is aged.
 */
export const measureDuplicates: MeasureRow = async ({ seed, quick, say }) => {
  const random = seededRandom(seed);
  const people = quick ? 10 : 50;
  return onStage({ name: `duplicates-${seed}` }, async ({ stack, redis }) => {
    await stack.start("all");
    const sent: Sent[] = [];
    let deliveries = 0;
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < people; index++) {
        const message = messageOf(index, round, seed);
        sent.push(message);
        const repeat = sent.length === 1 ? AT_ONCE : 2 + Math.floor(random() * 4);
        deliveries += repeat;
        await stack.graph("POST", "/messages", {
          delivery: "album",
          repeat,
          wait: true,
          messages: [message],
        });
      }
    }
    const arrived = await settled(stack, sent);
    say(`duplicates: ${deliveries} deliveries of ${sent.length} messages, all there: ${arrived}`);
    deliveries += await deliverAgain(stack, shuffled(sent, random));
    await age(redis.url, LATE_MS);
    deliveries += await deliverAgain(stack, shuffled(sent, random));
    // What is written now would be too much, and takes less than this.
    await sleep(quick ? 1500 : 3000);
    const figures = count(await stack.deskLedger(), sent, people);
    const passed = figures.lost === 0 && figures.furtherWrites === 0;
    return [{ id: "G5", n: { messages: sent.length, deliveries }, figures, passed }];
  });
};

function messageOf(index: number, round: number, seed: number): Sent {
  const mark = `<${index}:${round}>`;
  return {
    person: { phone: `+4477008${10_000 + index}`, name: `Person ${index}` },
    text: `the street lamp ${mark}`,
    wamid: `wamid.${Buffer.from(`${seed}/${mark}`).toString("base64")}`,
    sentAt: Date.now(),
  };
}

/** All of them in parallel, each once more; resolves with how many. */
async function deliverAgain(stack: Stack, messages: Sent[]): Promise<number> {
  await stack.graph("POST", "/messages", { delivery: "album", wait: true, messages });
  return messages.length;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

function settled(stack: Stack, sent: readonly Sent[]): Promise<boolean> {
  return comesTrue(60_000, async () => commentsOf(await stack.deskLedger()).length >= sent.length);
}

function commentsOf({ tickets }: DeskLedger) {
  return tickets.flatMap(({ comments }) => comments);
}

function count(desk: DeskLedger, sent: readonly Sent[], people: number) {
  const bodies = commentsOf(desk).map(({ body }) => body);
  const lost = sent.filter(({ text }) => !bodies.some((body) => body.includes(text))).length;
  const writes = bodies.length + desk.tickets.length + desk.contacts.length;
  return { lost, furtherWrites: writes - sent.length - 2 * people };
}

/** Time passes for Redis: what was to be forgotten within `ms` is. */
async function age(url: string, ms: number): Promise<void> {
  const redis = await connectRedis(url, "worker");
  try {
    for await (const names of redis.scanStream({ count: 500 })) {
      for (const key of names as string[]) {
        const left = await redis.pttl(key);
        if (left > ms) await redis.pexpire(key, left - ms);
        else if (left > 0) await redis.del(key);
      }
    }
  } finally {
    redis.disconnect();
  }
}
