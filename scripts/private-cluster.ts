import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { claimPort } from "./claim-port.ts";
import { type PrivateRedis, type RedisOptions, startPrivateRedis } from "./private-redis.ts";

/** A Redis Cluster of our own on loopback: masters, each with one replica where that is wanted. */
export interface PrivateCluster {
  /** Addresses of the masters, for redis.cluster. */
  urls: string[];
  masters: PrivateRedis[];
  /** In the order of the masters they follow; empty without replicas. */
  replicas: PrivateRedis[];
  /** The number of the master (as it was at the start) that holds a key. */
  masterOf(key: string): Promise<number>;
  /** Has a replica become the master, whatever its old master says. Resolves once all that live know of it. */
  takeOver(number: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions extends RedisOptions {
  masters?: number;
  hasReplicas?: boolean;
  /** Milliseconds of silence after which the others give a node up. Default 1000. */
  nodeTimeout?: number;
}

const SLOTS = 16_384;
/** Nodes talk the more often the sooner they give each other up: while the cluster is formed. */
const FORMING_MS = 1000;

/** Formed by commands alone, since redis-cli may be missing. */
export async function startPrivateCluster(options: ClusterOptions = {}): Promise<PrivateCluster> {
  const { masters: count = 3, hasReplicas = false, nodeTimeout = FORMING_MS } = options;
  const nodes: ClusterNode[] = [];
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    const wanted = Array.from({ length: hasReplicas ? 2 * count : count });
    nodes.push(...(await Promise.all(wanted.map(() => startNode(options)))));
    await form(nodes, count);
    for (const node of nodes)
      await onNode(node, (client) => client.config("SET", "cluster-node-timeout", nodeTimeout));
  } catch (error) {
    await stop();
    throw error;
  }
  const masters = nodes.slice(0, count);
  const replicas = nodes.slice(count);
  return {
    urls: masters.map(({ url }) => url),
    masters,
    replicas,
    stop,
    masterOf: (key) =>
      onNode(masters[0], async (node) =>
        Math.floor((Number(await node.cluster("KEYSLOT", key)) * count) / SLOTS),
      ),
    takeOver: async (number) => {
      const replica = replicas[number];
      await onNode(replica, (node) => node.cluster("FAILOVER", "TAKEOVER"));
      await Promise.all(nodes.map((node) => onNode(node, (client) => until(() => follows(client, replica)))));
    },
  };
}

/** Whether a node has heard who the new master is; one that is down hears nothing. */
async function follows(client: Redis, master: PrivateRedis | undefined): Promise<boolean> {
  const shards = await client.cluster("SLOTS").catch(() => undefined);
  return shards === undefined || shards.some(([, , node]) => node?.[1] === master?.port);
}

interface ClusterNode extends PrivateRedis {
  /** Where the other nodes talk to it. */
  bus: number;
}

/** A node that knows no other. */
export async function startNode(options: RedisOptions): Promise<ClusterNode> {
  const { config = [] } = options;
  const bus = await claimPort();
  const traffic = ["--cluster-port", `${bus}`, "--cluster-announce-ip", "127.0.0.1"];
  const timing = ["--cluster-node-timeout", `${FORMING_MS}`, "--repl-diskless-sync-delay", "0"];
  // One shard that is down must not stop the others.
  const own = ["--cluster-enabled", "yes", ...traffic, ...timing, "--cluster-require-full-coverage", "no"];
  return { bus, ...(await startPrivateRedis({ ...options, config: [...own, ...config] })) };
}

async function form(nodes: readonly ClusterNode[], count: number): Promise<void> {
  for (const [number, node] of nodes.entries()) {
    await onNode(node, async (client) => {
      await client.cluster("SET-CONFIG-EPOCH", number + 1);
      if (number >= count) return;
      const first = Math.ceil((number * SLOTS) / count);
      const last = Math.ceil(((number + 1) * SLOTS) / count) - 1;
      await client.call("CLUSTER", "ADDSLOTSRANGE", first, last);
    });
  }
  await meet(nodes);
  for (const [number, node] of nodes.slice(count).entries()) await follow(node, nodes[number]);
  for (const node of nodes) await onNode(node, (client) => until(() => knows(client, count, nodes.length)));
}

/**
 * The first one is introduced to the others, and hears of them again and again until it knows them: a node that does not
 * answer for a second, because the machine is busy, is forgotten (handshake timeout: the cluster-node-timeout).
 */
export async function meet(nodes: readonly ClusterNode[]): Promise<void> {
  const [first, ...others] = nodes;
  await onNode(first, async (client) => {
    let introduced = Number.NEGATIVE_INFINITY;
    await until(async () => {
      if (performance.now() - introduced > 2 * FORMING_MS) {
        for (const { port, bus } of others) await client.call("CLUSTER", "MEET", "127.0.0.1", port, bus);
        introduced = performance.now();
      }
      return (await peersOf(client)) === nodes.length;
    });
  });
  for (const node of others) {
    await onNode(node, (client) => until(async () => (await peersOf(client)) === nodes.length));
  }
}

/** How many nodes it knows, itself included; not those that it is only being introduced to. */
async function peersOf(client: Redis): Promise<number> {
  const lines = String(await client.cluster("NODES"))
    .trim()
    .split("\n");
  return lines.filter((line) => !/handshake|noaddr/.test(line)).length;
}

async function follow(replica: PrivateRedis, master: PrivateRedis | undefined): Promise<void> {
  const id = await onNode(master, (client) => client.cluster("MYID"));
  await onNode(replica, async (client) => {
    await client.cluster("REPLICATE", String(id));
    await until(async () => /^master_link_status:up/m.test(await client.info("replication")));
  });
}

/** Whether a node has heard of all slots, and of who serves them. */
async function knows(client: Redis, masters: number, all: number): Promise<boolean> {
  const isOk = /^cluster_state:ok/m.test(String(await client.cluster("INFO")));
  const shards = await client.cluster("SLOTS");
  const servers = shards.flatMap(([, , ...nodes]) => nodes);
  return isOk && shards.length === masters && servers.length === all;
}

async function onNode<T>(node: PrivateRedis | undefined, work: (client: Redis) => Promise<T>): Promise<T> {
  if (!node) throw new Error("the cluster has no such node");
  const client = new Redis(node.port, "127.0.0.1", { retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error("the Redis Cluster did not come about within 15 s");
    await sleep(20);
  }
}
