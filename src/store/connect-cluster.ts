import { Cluster, type ClusterOptions } from "ioredis";
import { gatherWrites } from "./gather-writes.ts";
import { shardsOf } from "./redis.ts";
import { RedisUnreachable } from "./redis-unreachable.ts";

/**
 * The same promises as on a single server. `intake` gives up well within a second. `worker` waits for as long as a master
 * is away: an error would count as a failed try of an event, and a failover may take longer than all tries together.
 */
const behaviour = {
  intake: {
    enableOfflineQueue: false,
    maxRedirections: 6,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    retryDelayOnTryAgain: 50,
    redisOptions: { commandTimeout: 800, maxRetriesPerRequest: 1 },
  },
  worker: {
    maxRedirections: Number.MAX_SAFE_INTEGER,
    // Two servers that name each other as the master, in the middle of a failover, are not to be asked in a tight loop.
    retryDelayOnMoved: 20,
    redisOptions: { maxRetriesPerRequest: null },
  },
  operator: { redisOptions: { commandTimeout: 10_000, maxRetriesPerRequest: 5 } },
} as const satisfies Record<string, ClusterOptions>;

/**
 * A connection to a Redis Cluster, by the addresses of some of its nodes, from which the others are learnt. Rejects, and
 * tries no more, when none of them answers or when some slots are served by nobody. Throws RedisUnreachable.
 */
export async function connectCluster(
  urls: readonly string[],
  purpose: keyof typeof behaviour,
): Promise<Cluster> {
  const cluster = new Cluster(urls.map(nodeAt), optionsFor(urls[0] ?? "", purpose));
  gatherWrites(cluster);
  let reason = "";
  // ioredis throws unhandled 'error' events otherwise; readiness and metrics report the state.
  cluster.on("error", (error: Error & { lastNodeError?: Error }) => {
    reason = error.lastNodeError?.message ?? error.message;
  });
  try {
    await cluster.connect();
    await demandAllSlots(cluster);
    if (purpose === "intake") await openMasters(cluster);
    return cluster;
  } catch (error) {
    cluster.disconnect();
    if (error instanceof RedisUnreachable) throw error;
    throw unreachable(reason);
  }
}

function nodeAt(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 6379) };
}

function optionsFor(url: string, purpose: keyof typeof behaviour) {
  const { protocol, username, password } = new URL(url);
  const own = behaviour[purpose];
  const account = {
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
  };
  return {
    ...own,
    lazyConnect: true,
    // Part of a cluster may be down at any time; its own answers say so, and connect() would not come to an end.
    enableReadyCheck: false,
    clusterRetryStrategy: (tries: number) => Math.min(tries * 100, 2000),
    redisOptions: { ...own.redisOptions, ...account, ...(protocol === "rediss:" ? { tls: {} } : {}) },
    // Certificates are for names; ioredis would look these up and connect to bare addresses.
    ...(protocol === "rediss:" ? { dnsLookup } : {}),
  };
}

const dnsLookup: NonNullable<ClusterOptions["dnsLookup"]> = (name, done) => done(null, name);

function unreachable(reason: string): RedisUnreachable {
  if (/cluster support disabled/.test(reason)) {
    return new RedisUnreachable("it is a single server: name it under redis.url instead", "redis.cluster");
  }
  const isPassing = reason === "" || /^(Connection is closed\.|timeout|LOADING|CLUSTERDOWN)/.test(reason);
  return new RedisUnreachable(isPassing ? "none of its nodes answers" : reason, "redis.cluster", isPassing);
}

const SLOTS = 16_384;

async function demandAllSlots(cluster: Cluster): Promise<void> {
  // Without a single one ioredis knows no node to ask.
  const shards = cluster.nodes().length > 0 ? await shardsOf(cluster) : [];
  const served = shards.reduce((sum, { slots: [first, last] }) => sum + last - first + 1, 0);
  if (served === SLOTS) return;
  throw new RedisUnreachable(`${SLOTS - served} of its slots are served by nobody`, "redis.cluster", true);
}

/** What comes first must not meet connections that are only being made: the intake's would be refused. */
async function openMasters(cluster: Cluster): Promise<void> {
  await Promise.allSettled(cluster.nodes("master").map((server) => server.ping()));
}
