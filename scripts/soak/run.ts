import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { arrived, check } from "../chaos/check.ts";
import { eventsOf, type Play } from "../chaos/play.ts";
import { comesTrue, onStage } from "../reliability/stage.ts";
import type { Stack } from "../stack.ts";
import { type Growth, growthOf } from "./growth.ts";
import { type Sample, type Sampled, takeSample } from "./sample.ts";
import { createWriters, newPlay } from "./writers.ts";

export interface SoakOptions {
  /** After the warm-up. */
  minutes: number;
  /** Until caches are full and code is compiled. */
  warmUpMinutes: number;
  webhooksPerSecond: number;
  say(line: string): void;
}

export interface SoakResult {
  events: number;
  lost: number;
  doubled: number;
  reordered: number;
  /** A minute, after the warm-up. */
  growth: Growth;
}

const PEOPLE = 500;
const SAMPLE_MS = 5000;
const END_MS = 120_000;

/** An intake and a worker under a steady load, watched from outside: memory, descriptors and keys. */
export function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, warmUpMinutes, webhooksPerSecond, say } = options;
  return onStage({ name: "soak", redis: { appendfsync: "always" } }, async ({ redis, stack }) => {
    const play = newPlay(PEOPLE);
    const writers = createWriters(play, stack);
    const client = new Redis(redis.url);
    try {
      const [intake, worker] = [await stack.start("intake"), await stack.start("worker")];
      await writers.everybody();
      const tickets = await ticketsOf(play, stack);
      const seconds = 60 * (warmUpMinutes + minutes);
      const [samples] = await Promise.all([
        watch({ intake, worker, redis: client }, seconds, say),
        writers.steadily(webhooksPerSecond, seconds, tickets),
      ]);
      const counted = await countAll(play, stack);
      const growth = growthOf(samples.filter((sample) => sample.seconds >= 60 * warmUpMinutes));
      return { events: eventsOf(play), ...counted, growth };
    } finally {
      client.disconnect();
    }
  });
}

/** By phone, once everybody has one. */
async function ticketsOf({ people }: Play, stack: Stack): Promise<ReadonlyMap<string, string>> {
  const isThere = async () => (await stack.deskLedger()).tickets.length === people.length;
  if (!(await comesTrue(END_MS, isThere))) throw new Error("not everybody got a ticket");
  const { contacts, tickets } = await stack.deskLedger();
  const phones = new Map(contacts.map(({ id, phone = "" }) => [id, phone]));
  return new Map(tickets.map(({ id, contact_id }) => [phones.get(contact_id) ?? "", id]));
}

async function watch(sampled: Sampled, seconds: number, say: (line: string) => void): Promise<Sample[]> {
  const samples: Sample[] = [];
  const begun = performance.now();
  for (let due = SAMPLE_MS; due < seconds * 1000; due += SAMPLE_MS) {
    await sleep(Math.max(0, begun + due - performance.now()));
    const sample = await takeSample(sampled, (performance.now() - begun) / 1000);
    samples.push(sample);
    if (due % 60_000 === 0) say(`minute ${due / 60_000} of ${seconds / 60}: ${JSON.stringify(sample)}`);
  }
  return samples;
}

/** What WhatsApp and the helpdesk hold in the end. */
async function countAll(play: Play, stack: Stack) {
  const isWhole = async () =>
    arrived(play, await stack.deskLedger(), await stack.graphLedger()) === eventsOf(play);
  await comesTrue(END_MS, isWhole, 2000);
  const { lost, doubled, reordered } = check(play, await stack.deskLedger(), await stack.graphLedger());
  return { lost, doubled, reordered };
}
