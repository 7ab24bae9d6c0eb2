import { z } from "zod";
import type { Finding } from "./cross-checks.ts";

const address = z.url({ protocol: /^rediss?$/ });

/** Where Redis is, and what is asked of it. Which of `url` and `cluster` there is, redisFindings checks. */
export const redisSettings = z.strictObject({
  url: address.optional().meta({
    secret: true,
    description:
      "redis:// or rediss:// (TLS) address of a single server, with user and password if needed. Either this or `cluster`",
  }),
  cluster: z.array(address).min(1).max(1000).optional().meta({
    secret: true,
    description:
      "Addresses of nodes of a Redis Cluster, of all masters at best: the others are learnt from whichever answers. All with the same user and password",
  }),
  waitReplicas: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe(
      "So many replicas must hold an event before its webhook is answered with 200, else 503: for Redis with failover. 0: the one server counts",
    ),
  allowUnsafe: z
    .boolean()
    .default(false)
    .describe("Start although Redis has no AOF or may evict keys: loses messages, never in production"),
});

const asWritten = z.object({
  redis: z.object({
    url: z.string().optional(),
    cluster: z.array(z.string()).optional(),
  }),
});

/** What the schema cannot see: whether there is one place and only one, and nodes that cannot be of one cluster. */
export function redisFindings(value: unknown): Finding[] {
  const written = asWritten.safeParse(value);
  if (!written.success) return [];
  const { url, cluster } = written.data.redis;
  if (cluster === undefined) return url === undefined ? [missing] : [];
  if (url !== undefined) return [both];
  const nodes = cluster.map((text) => (URL.canParse(text) ? new URL(text) : undefined));
  return nodes.flatMap((node, index) => {
    const found = node && faultOf(node, nodes.slice(0, index));
    return found ? [{ path: ["redis", "cluster", index], ...found }] : [];
  });
}

const missing = {
  path: ["redis", "url"],
  reason: "nothing says where Redis is",
  remedy: "Give the address of the server, e.g. redis://127.0.0.1:6379, or of a Redis Cluster redis.cluster",
};

const both = {
  path: ["redis", "cluster"],
  reason: "there is redis.url as well",
  remedy: "Keep redis.cluster for a Redis Cluster, redis.url for a single server",
};

/** `before`: those named before it. */
function faultOf(node: URL, before: readonly (URL | undefined)[]): Omit<Finding, "path"> | undefined {
  const others = before.filter((one) => one !== undefined);
  if (!/^\/?$|^\/0$/.test(node.pathname)) {
    return { reason: "a Redis Cluster has no numbered databases", remedy: "End the address with the port" };
  }
  if (others.some(({ host }) => host === node.host)) {
    return { reason: "this node is named twice", remedy: "Name each once" };
  }
  const isLike = ({ protocol, username, password }: URL) =>
    protocol === node.protocol && username === node.username && password === node.password;
  if (others.every(isLike)) return undefined;
  return {
    reason: "its protocol, user or password is another than that of the nodes before it",
    remedy: "Give all nodes the same: one account is used for the whole cluster",
  };
}
