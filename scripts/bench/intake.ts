import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { startDeskferry } from "../deskferry-process.ts";
import { startPrivateRedis } from "../private-redis.ts";
import { sandboxConnection, settingsText } from "../sandbox-settings.ts";
import { cpuTimeOf, residentBytesOf } from "./cpu-time.ts";
import { sendLoad } from "./load.ts";
import { startProcess } from "./process.ts";
import { percentilesOf, type Spread, spreadOf } from "./statistics.ts";
import { createWebhooks } from "./webhooks.ts";

export interface BenchOptions {
  rounds: number;
  /** Of each measurement. */
  seconds: number;
  say(line: string): void;
}

/** One server under one load, over all rounds. */
export interface IntakeRow {
  name: string;
  /** Webhooks a second that were answered 200. */
  perSecond: Spread;
  /** Microseconds of CPU a webhook. */
  cpuOfServer: Spread;
  cpuOfRedis: Spread;
  /** Milliseconds, at 4,000 webhooks a second. */
  p50: Spread;
  p99: Spread;
}

export interface IntakeResult {
  rows: IntakeRow[];
  /** Bytes of Redis for a waiting message of 100 characters, beside what its person costs. */
  bytesAWaitingEvent: number;
  residentBytes: number;
}

interface Server {
  name: string;
  port: number;
  pid: number;
  path: string;
  fsync: "always" | "everysec";
}

const CONNECTIONS = 50;
const RATE = 4000;
/** More than any of the servers answers. */
const MOST_PER_SECOND = 25_000;

/** Deskferry's intake, with fsync at every write and every second, and the limit; one after the other in each round. */
export async function benchIntake({ rounds, seconds, say }: BenchOptions): Promise<IntakeResult> {
  const redis = await startPrivateRedis({ appendfsync: "always" });
  const client = new Redis(redis.url);
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-bench-"));
  const limit = await startProcess("scripts/bench/limit-intake.ts", [redis.url]);
  const config = path.join(folder, "deskferry.yaml");
  const connection = sandboxConnection("http://127.0.0.1:9");
  const graphUrl = "http://127.0.0.1:9";
  await writeFile(
    config,
    settingsText({ redisUrl: redis.url, graphUrl, name: "bench", connection, mapping: "sandbox" }),
  );
  const ours = await startDeskferry(["run", "--config", config, "--role", "intake"], { built: true });
  const own = { port: Number(new URL(ours.url).port), pid: ours.pid, path: "/webhooks/channels/bench" };
  const servers: Server[] = [
    { name: "limit, fsync always", fsync: "always", path: "/", ...limit },
    { name: "Deskferry, fsync always", fsync: "always", ...own },
    { name: "Deskferry, fsync everysec", fsync: "everysec", ...own },
  ];
  try {
    const measured = new Map(servers.map(({ name }) => [name, [] as Measured[]]));
    const redisPid = await pidOf(client);
    for (let round = 0; round <= rounds; round++) {
      for (const server of servers) {
        const one = await measure(server, { client, redisPid, seconds });
        // The first round warms everything up.
        if (round > 0) measured.get(server.name)?.push(one);
        say(
          `round ${round} of ${rounds}, ${server.name}: ${Math.round(one.perSecond)}/s, p99 ${one.p99.toFixed(1)} ms`,
        );
      }
    }
    const bytesAWaitingEvent = await bytesOfWaiting(servers[1] ?? fail(), client);
    return { rows: rowsOf(measured), bytesAWaitingEvent, residentBytes: residentBytesOf(ours.pid) };
  } finally {
    await ours.stop();
    limit.stop();
    client.disconnect();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measured {
  perSecond: number;
  cpuOfServer: number;
  cpuOfRedis: number;
  p50: number;
  p99: number;
}

async function measure(
  { port, pid, path, fsync }: Server,
  { client, redisPid, seconds }: { client: Redis; redisPid: number; seconds: number },
): Promise<Measured> {
  await client.flushall();
  await client.config("SET", "appendfsync", fsync);
  const webhooks = createWebhooks(path);
  const most = { requests: webhooks(MOST_PER_SECOND * seconds), connections: CONNECTIONS, port, seconds };
  const before = [cpuTimeOf(pid), cpuTimeOf(redisPid)] as const;
  const load = await sendLoad(most);
  const cpuOfServer = (cpuTimeOf(pid) - before[0]) / load.accepted;
  const cpuOfRedis = (cpuTimeOf(redisPid) - before[1]) / load.accepted;
  if (load.refused > 0) throw new Error(`${load.refused} webhooks were refused`);
  if (load.latencies.length === most.requests.length) throw new Error("the load ran out of webhooks");
  await client.flushall();
  const steady = await sendLoad({
    requests: webhooks(RATE * seconds),
    connections: CONNECTIONS,
    port,
    seconds: seconds + 1,
    perSecond: RATE,
  });
  return {
    perSecond: load.accepted / load.seconds,
    cpuOfServer,
    cpuOfRedis,
    ...percentilesOf(steady.latencies),
  };
}

function rowsOf(measured: Map<string, Measured[]>): IntakeRow[] {
  return [...measured].map(([name, rounds]) => {
    const of = (key: keyof Measured) => spreadOf(rounds.map((round) => round[key]));
    return {
      name,
      perSecond: of("perSecond"),
      cpuOfServer: of("cpuOfServer"),
      cpuOfRedis: of("cpuOfRedis"),
      p50: of("p50"),
      p99: of("p99"),
    };
  });
}

/** Of 500 people who are known already and have messages waiting. */
async function bytesOfWaiting({ port, path }: Server, client: Redis): Promise<number> {
  await client.flushall();
  const webhooks = createWebhooks(path);
  const send = (count: number) =>
    sendLoad({ requests: webhooks(count), connections: CONNECTIONS, port, seconds: 60 });
  await send(2000);
  const before = await usedBytes(client);
  await send(20_000);
  return ((await usedBytes(client)) - before) / 20_000;
}

async function usedBytes(client: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
}

async function pidOf(client: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);
}

function fail(): never {
  throw new Error("there is no such server");
}
