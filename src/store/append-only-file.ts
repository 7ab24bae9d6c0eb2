import { setTimeout as sleep } from "node:timers/promises";
import { type Redis, type RedisServer, serversOf } from "./redis.ts";

/** `off`: there is none. */
export type Rewritten = "rewritten" | "off";

/** Redis did not write its append-only file anew: what was removed still stands there. */
export class NotRewritten extends Error {
  constructor(reason: string) {
    super(`the append-only file was not written anew: ${reason}`);
    this.name = "NotRewritten";
  }
}

const LOOK_MS = 250;

/**
 * Has Redis write its append-only file anew from what it holds now, and waits for the end of it. A rewrite that was under
 * way before does not count: it may hold what was removed since. Of a cluster each server does, one after the other, its
 * replicas too. Throws NotRewritten.
 */
export async function rewriteAppendOnlyFile(redis: Redis, tell: (line: string) => void): Promise<Rewritten> {
  const results: Rewritten[] = [];
  for (const { address, server } of serversOf(redis)) {
    const isOne = server === redis;
    const told = isOne ? tell : (line: string) => tell(`${address}: ${line}`);
    results.push(
      await rewriteAt(server, told).catch((error) => {
        throw isOne
          ? error
          : new NotRewritten(`${address}: ${error instanceof Error ? error.message : error}`);
      }),
    );
  }
  return results.includes("rewritten") ? "rewritten" : "off";
}

async function rewriteAt(redis: RedisServer, tell: (line: string) => void): Promise<Rewritten> {
  for (;;) {
    const { isOn } = await untilIdle(redis, tell);
    if (!isOn) return "off";
    if (await begin(redis)) break;
  }
  const { status } = await untilIdle(redis, tell);
  if (status !== "ok") throw new NotRewritten("Redis says that it failed; its log has the reason");
  return "rewritten";
}

/** False when another one began a moment before. */
async function begin(redis: RedisServer): Promise<boolean> {
  try {
    await redis.bgrewriteaof();
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/in progress/i.test(reason)) return false;
    throw new NotRewritten(`BGREWRITEAOF is refused (${reason}); do it by the means of who runs this Redis`);
  }
}

async function untilIdle(redis: RedisServer, tell: (line: string) => void) {
  for (let told = ""; ; await sleep(LOOK_MS)) {
    const info = await redis.info("persistence");
    const field = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
    const isBusy = field("aof_rewrite_in_progress") === "1" || field("aof_rewrite_scheduled") === "1";
    if (!isBusy) return { isOn: field("aof_enabled") === "1", status: field("aof_last_bgrewrite_status") };
    const [done = "0", all = "?"] = [field("current_save_keys_processed"), field("current_save_keys_total")];
    const line = `the append-only file is written anew: ${done} of ${all} keys`;
    if (line !== told) tell(line);
    told = line;
  }
}
