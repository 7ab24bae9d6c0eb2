import { Redis as Server } from "ioredis";
import { connectCluster } from "./connect-cluster.ts";
import { gatherWrites } from "./gather-writes.ts";
import type { Redis, RedisServer } from "./redis.ts";
import { RedisUnreachable } from "./redis-unreachable.ts";
import { defineScripts } from "./scripts.ts";

/**
 * `intake` fails fast, so that a webhook is answered 503 within a second and the sender repeats it: a frozen Redis
 * answers nothing, hence the command timeout. `worker` waits as long as it takes, as BullMQ demands. `operator` is for the
 * command line: nobody repeats what gave up half-way, and nobody waits for ever.
 */
const behaviour = {
  intake: { enableOfflineQueue: false, commandTimeout: 800, maxRetriesPerRequest: 1 },
  worker: { maxRetriesPerRequest: null },
  operator: { commandTimeout: 10_000, maxRetriesPerRequest: 5 },
} as const;

/** Where Redis is: one server by its `url`, or a Redis Cluster by the addresses of some of its nodes. */
export interface RedisAddress {
  url?: string | undefined;
  cluster?: readonly string[] | undefined;
}

type Purpose = keyof typeof behaviour;

/**
 * A connection that knows our scripts. Resolves once connected; rejects, and tries no more, when that fails at first.
 * Throws RedisUnreachable.
 */
export function connectRedis(url: string, purpose: Purpose): Promise<RedisServer>;
export function connectRedis(address: string | RedisAddress, purpose: Purpose): Promise<Redis>;
export async function connectRedis(address: string | RedisAddress, purpose: Purpose): Promise<Redis> {
  const { url = "", cluster } = typeof address === "string" ? { url: address } : address;
  const redis = await (cluster ? connectCluster(cluster, purpose) : connectServer(url, purpose));
  defineScripts(redis);
  return redis;
}

async function connectServer(url: string, purpose: Purpose): Promise<RedisServer> {
  const redis = new Server(url, {
    ...behaviour[purpose],
    lazyConnect: true,
    retryStrategy: (tries: number) => Math.min(tries * 100, 2000),
  });
  let reason = "no answer";
  // ioredis throws unhandled 'error' events otherwise; readiness and metrics report the state.
  redis.on("error", (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  gatherWrites(redis);
  try {
    await redis.connect();
  } catch {
    // Its own error says only that the connection is closed, and it would go on trying behind our back.
    redis.disconnect();
    throw new RedisUnreachable(reason);
  }
  // Whether it may be asked is another matter: without INFO nothing is known, and nothing is wrong yet.
  const cluster = await redis.info("cluster").catch(() => "");
  if (!/^cluster_enabled:1/m.test(cluster)) return redis;
  redis.disconnect();
  throw new RedisUnreachable("it is a node of a Redis Cluster: name it under redis.cluster instead");
}
