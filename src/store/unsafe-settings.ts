import { type Redis, type RedisServer, serversOf } from "./redis.ts";

/**
 * Reasons why this Redis may lose accepted events: without an append-only file every write since the start is
 * lost with the process, an eviction policy other than noeviction drops waiting events when memory is short.
 * `everyWrite`: and where a power cut could take the last ones. Of a cluster every server that answers is asked, replicas
 * as well: each may be a master tomorrow.
 */
export async function unsafeSettings(
  redis: Redis,
  { everyWrite = false }: { everyWrite?: boolean } = {},
): Promise<string[]> {
  const servers = serversOf(redis);
  const [only] = servers;
  if (only?.server === redis) return unsafeServer(only.server, everyWrite);
  const found = servers.map(async ({ address, server }) => {
    const reasons = await soon(unsafeServer(server, everyWrite));
    return reasons.map((reason) => `${address}: ${reason}`);
  });
  return (await Promise.all(found)).flat();
}

/** A replica may be down, which is for others to watch. */
async function soon(reasons: Promise<string[]>): Promise<string[]> {
  const none = new Promise<string[]>((resolve) => setTimeout(resolve, ANSWER_MS, []).unref());
  return Promise.race([reasons.catch(() => []), none]);
}

const ANSWER_MS = 2000;

async function unsafeServer(server: RedisServer, everyWrite: boolean): Promise<string[]> {
  const info = await server.info();
  const reasons: string[] = [];
  if (!/^aof_enabled:1/m.test(info)) {
    reasons.push("appendonly is off: accepted events would be lost with the process; set `appendonly yes`");
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy !== "noeviction") {
    reasons.push(`maxmemory-policy is ${policy ?? "unknown"}: events could be evicted; set it to noeviction`);
  }
  if (everyWrite) reasons.push(...(await unsyncedWrites(server)));
  return reasons;
}

/** With anything but `always` a power cut takes the last seconds with it. */
async function unsyncedWrites(server: RedisServer): Promise<string[]> {
  const [, value] = (await server.config("GET", "appendfsync").catch(() => [] as unknown[])) as string[];
  if (value === "always") return [];
  const found = value === undefined ? "cannot be asked for (CONFIG GET is not allowed)" : `is ${value}`;
  return [`appendfsync ${found}: the strict profile wants every write on disk; set \`appendfsync always\``];
}
