import { Cluster } from "ioredis";
import { channelTag } from "./keys.ts";
import { type Redis, type RedisServer, type Shard, serversOf, shardsOf } from "./redis.ts";

/** What somebody should know of a cluster: where each channel is, and what will go wrong there. */
export interface ClusterLayout {
  lines: string[];
  faults: string[];
}

/** Where a cluster keeps the channels; undefined for a single server. `waitReplicas` as of the settings. */
export async function clusterLayout(
  redis: Redis,
  channels: readonly string[],
  waitReplicas: number,
): Promise<ClusterLayout | undefined> {
  if (!(redis instanceof Cluster)) return undefined;
  const shards = await shardsOf(redis);
  const masters = new Set(shards.map(({ master }) => master));
  const layout: ClusterLayout = { lines: [`a Redis Cluster of ${masters.size} masters`], faults: [] };
  for (const channel of channels) {
    const { master, replicas } = holderOf(
      Number(await redis.cluster("KEYSLOT", channelTag(channel))),
      shards,
    );
    layout.lines.push(`channel ${channel} is on ${master}, replicas: ${replicas.join(", ") || "none"}`);
    if (replicas.length >= waitReplicas) continue;
    layout.faults.push(
      `channel ${channel} is on ${master}, which has ${replicas.length} replicas: with redis.waitReplicas ${waitReplicas} every webhook is answered with 503`,
    );
  }
  for (const { address, server } of serversOf(redis).filter((one) => masters.has(one.address))) {
    if (await isMoving(server)) layout.faults.push(`${address}: ${MOVING}`);
    if (await stopsAsAWhole(server)) layout.lines.push(`${address}: ${WHOLE}`);
  }
  return layout;
}

const MOVING =
  "slots are being moved from or to it; stop Deskferry until that is done, or scripts see half of a channel";
const WHOLE =
  "cluster-require-full-coverage is yes: while one master is away all channels stand still; `no` lets the others go on";

function holderOf(slot: number, shards: readonly Shard[]): Pick<Shard, "master" | "replicas"> {
  const found = shards.find(({ slots: [first, last] }) => first <= slot && slot <= last);
  return found ?? { master: "no master at all", replicas: [] };
}

/** `[93->-ID]` and `[93-<-ID]` stand behind the slots of the node that is asked. */
async function isMoving(server: RedisServer): Promise<boolean> {
  const nodes = String(await server.cluster("NODES"));
  return nodes.split("\n").some((line) => /\bmyself\b/.test(line) && /\[\d+-[<>]-/.test(line));
}

async function stopsAsAWhole(server: RedisServer): Promise<boolean> {
  // Not everybody may ask for it.
  const answer = await server.config("GET", "cluster-require-full-coverage").catch(() => []);
  return (answer as string[])[1] === "yes";
}
