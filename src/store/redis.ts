import { Cluster, type Redis as RedisServer } from "ioredis";

export type { RedisServer };

/**
 * Where everything is kept: one server, or a Redis Cluster, whose client sends each command to the master that holds its
 * keys. What is sent in one command, script, MULTI or pipeline must therefore be of one hash tag; what is asked of
 * servers (INFO, SCAN, BGREWRITEAOF) must be asked of each.
 */
export type Redis = RedisServer | Cluster;

/** While all keys were read another server took slots over: some may have been missed. */
export class ClusterChanged extends Error {
  constructor() {
    super("the Redis Cluster changed while all keys were read (a failover, or slots moved): run it again");
    this.name = "ClusterChanged";
  }
}

/** A master of the cluster that cannot be asked. */
export class MasterMissing extends Error {
  constructor(address: string) {
    super(
      `${address}, a master of the Redis Cluster, cannot be reached: without it not all keys can be read`,
    );
    this.name = "MasterMissing";
  }
}

/** A stretch of slots and who holds it. Addresses are `host:port`. */
export interface Shard {
  slots: [first: number, last: number];
  master: string;
  replicas: string[];
}

/** Who holds what, as the cluster has it now. */
export async function shardsOf(cluster: Cluster): Promise<Shard[]> {
  const shards = (await cluster.cluster("SLOTS")).map(([first, last, ...nodes]): Shard => {
    const [master = "", ...replicas] = nodes.map(([host, port]) => `${host}:${port}`);
    return { slots: [first, last], master, replicas: replicas.sort() };
  });
  return shards.sort((a, b) => a.slots[0] - b.slots[0]);
}

/** Every server there is, replicas included, with its address as `host:port`. */
export function serversOf(redis: Redis): { address: string; server: RedisServer }[] {
  const servers = redis instanceof Cluster ? redis.nodes() : [redis];
  return servers.map((server) => ({ address: addressOf(server), server }));
}

/** All keys that match a glob pattern, in batches; a key may come twice. Throws ClusterChanged, MasterMissing. */
export async function* scanKeys(redis: Redis, match: string): AsyncGenerator<string[]> {
  if (!(redis instanceof Cluster)) return yield* scanServer(redis, match);
  const mastersOf = (shards: Shard[]) => shards.map(({ slots, master }) => `${slots.join("-")} ${master}`);
  const shards = await shardsOf(redis);
  for (const address of new Set(shards.map(({ master }) => master))) {
    const server = redis.nodes().find((one) => addressOf(one) === address);
    if (!server) throw new MasterMissing(address);
    yield* scanServer(server, match);
  }
  if (mastersOf(await shardsOf(redis)).join() !== mastersOf(shards).join()) throw new ClusterChanged();
}

async function* scanServer(server: RedisServer, match: string): AsyncGenerator<string[]> {
  for await (const batch of server.scanStream({ match, count: 1000 })) yield batch as string[];
}

/** Resolves once any server has answered: what one shard holds may be out of reach while others go on. */
export async function ping(redis: Redis): Promise<void> {
  await Promise.any(serversOf(redis).map(({ server }) => server.ping()));
}

function addressOf({ options }: RedisServer): string {
  return `${options.host}:${options.port}`;
}
