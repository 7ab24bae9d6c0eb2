import { Redis } from "ioredis";
import { defineScripts } from "./scripts.ts";

/**
 * `intake` fails fast, so that a webhook is answered 503 within a second and the sender repeats it: a frozen Redis
 * answers nothing, hence the command timeout. `worker` waits as long as it takes, as BullMQ demands.
 */
const behaviour = {
  intake: { enableOfflineQueue: false, commandTimeout: 800, maxRetriesPerRequest: 1 },
  worker: { maxRetriesPerRequest: null },
} as const;

/** A connection that knows our scripts. Resolves once connected; rejects, and tries no more, when that fails at first. */
export async function connectRedis(url: string, purpose: "intake" | "worker"): Promise<Redis> {
  const redis = new Redis(url, {
    ...behaviour[purpose],
    lazyConnect: true,
    retryStrategy: (tries: number) => Math.min(tries * 100, 2000),
  });
  let reason = "no answer";
  // ioredis throws unhandled 'error' events otherwise; readiness and metrics report the state.
  redis.on("error", (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  defineScripts(redis);
  try {
    await redis.connect();
    return redis;
  } catch {
    // Its own error says only that the connection is closed, and it would go on trying behind our back.
    redis.disconnect();
    throw new Error(`Redis cannot be used (${reason}): check redis.url in the settings`);
  }
}

/**
 * Reasons why this Redis may lose accepted events: without an append-only file every write since the start is
 * lost with the process, an eviction policy other than noeviction drops waiting events when memory is short.
 */
export async function unsafeSettings(redis: Redis): Promise<string[]> {
  const info = await redis.info();
  const reasons: string[] = [];
  if (!/^aof_enabled:1/m.test(info)) {
    reasons.push("appendonly is off: accepted events would be lost with the process; set `appendonly yes`");
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy !== "noeviction") {
    reasons.push(`maxmemory-policy is ${policy ?? "unknown"}: events could be evicted; set it to noeviction`);
  }
  return reasons;
}
