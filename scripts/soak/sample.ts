import { readdirSync } from "node:fs";
import type { Redis } from "ioredis";
import { childrenOf, residentBytesOf } from "../bench/cpu-time.ts";
import type { DeskferryProcess } from "../deskferry-process.ts";

/** What a process holds, the children that evaluate mappings included. */
export interface Held {
  /** Of the process itself, as its own /metrics tell. */
  heapBytes: number;
  residentBytes: number;
  descriptors: number;
}

export interface Sample {
  /** Since the first webhook. */
  seconds: number;
  intake: Held;
  worker: Held;
  /** Keys of Redis without a time to live. */
  lastingKeys: number;
  /** Keys that go by themselves. */
  expiringKeys: number;
  redisBytes: number;
}

export interface Sampled {
  intake: DeskferryProcess;
  worker: DeskferryProcess;
  redis: Redis;
}

/** Linux only: reads /proc. */
export async function takeSample({ intake, worker, redis }: Sampled, seconds: number): Promise<Sample> {
  const keyspace = await redis.info("keyspace");
  const all = numberIn(keyspace, /^db0:keys=(\d+)/m);
  const expiringKeys = numberIn(keyspace, /^db0:.*expires=(\d+)/m);
  return {
    seconds,
    intake: await heldBy(intake),
    worker: await heldBy(worker),
    lastingKeys: all - expiringKeys,
    expiringKeys,
    redisBytes: numberIn(await redis.info("memory"), /^used_memory:(\d+)/m),
  };
}

async function heldBy({ url, pid }: DeskferryProcess): Promise<Held> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const family = [pid, ...childrenOf(pid)];
  return {
    heapBytes: numberIn(metrics, /^nodejs_heap_size_used_bytes (\S+)$/m),
    residentBytes: sum(family.map(residentBytesOf)),
    descriptors: sum(family.map((one) => readdirSync(`/proc/${one}/fd`).length)),
  };
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`nothing like ${pattern} was told`);
  return Number(found);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
