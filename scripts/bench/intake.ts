import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { rewriteAppendOnlyFile } from "../../src/store/append-only-file.ts";
import { startDeskferry } from "../deskferry-process.ts";
import { startPrivateRedis } from "../private-redis.ts";
import { sandboxConnection, settingsText } from "../sandbox-settings.ts";
import { cpuTimeOf, residentBytesOf } from "./cpu-time.ts";
import { sendLoad } from "./load.ts";
import { type BenchOptions, inTurn } from "./options.ts";
import { startProcess } from "./process.ts";
import { percentilesOf, type Spread, spreadOf } from "./statistics.ts";
import { createWebhooks } from "./webhooks.ts";

/** One server under one load, over all rounds. */
export interface IntakeRow {
  name: string;
  /** Webhooks a second that were answered 200. */
  perSecond: Spread;
  /** Microseconds of CPU a webhook. */
  cpuOfServer: Spread;
  cpuOfRedis: Spread;
  /** How much of a core the load generator took meanwhile: what it takes, the server cannot have. */
  generator: Spread;
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

/** Who takes webhooks. */
export interface Server {
  name: string;
  port: number;
  pid: number;
  path: string;
  fsync: "always" | "everysec";
}

const CONNECTIONS = 50;
const RATE = 4000;
/** Given to the last ones at that rate: what was not sent by then has waited for so long at least. */
const MORE_SECONDS = 1;
/** Left waiting to see what one costs. */
const EVENTS_A_SECOND = 5000;
/** Webhooks prepared for a second. Whoever answers more is measured for less time. */
const PREPARED_PER_SECOND = 20_000;

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
    const measured = new Map(servers.map(({ name }) => [name, [] as MeasuredIntake[]]));
    const redisPid = await pidOf(client);
    for (let round = 0; round <= rounds; round++) {
      for (const server of inTurn(servers, round)) {
        const one = await measureIntake(server, { client, redisPid, seconds });
        // The first round warms everything up.
        if (round > 0) measured.get(server.name)?.push(one);
        say(
          `round ${round} of ${rounds}, ${server.name}: ${Math.round(one.perSecond)}/s, p99 ${one.p99.toFixed(1)} ms`,
        );
      }
    }
    const bytesAWaitingEvent = await bytesOfWaiting(servers[1] ?? fail(), { client, seconds });
    return { rows: rowsOf(measured), bytesAWaitingEvent, residentBytes: residentBytesOf(ours.pid) };
  } finally {
    await ours.stop();
    limit.stop();
    client.disconnect();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One measurement; as in IntakeRow. */
export interface MeasuredIntake {
  perSecond: number;
  cpuOfServer: number;
  cpuOfRedis: number;
  generator: number;
  p50: number;
  p99: number;
}

/** As fast as it answers, then at 4,000 a second; on an empty Redis each. */
export async function measureIntake(
  { port, pid, path, fsync }: Server,
  { client, redisPid, seconds }: { client: Redis; redisPid: number; seconds: number },
): Promise<MeasuredIntake> {
  await client.config("SET", "appendfsync", fsync);
  await empty(client);
  const webhooks = createWebhooks(path);
  const most = { requests: webhooks(PREPARED_PER_SECOND * seconds), connections: CONNECTIONS, port, seconds };
  const before = [cpuTimeOf(pid), cpuTimeOf(redisPid)] as const;
  const load = await sendLoad(most);
  const cpuOfServer = (cpuTimeOf(pid) - before[0]) / load.accepted;
  const cpuOfRedis = (cpuTimeOf(redisPid) - before[1]) / load.accepted;
  if (load.refused > 0) throw new Error(`${load.refused} webhooks were refused`);
  await empty(client);
  const steady = await sendLoad({
    requests: webhooks(RATE * seconds),
    connections: CONNECTIONS,
    port,
    seconds: seconds + MORE_SECONDS,
    perSecond: RATE,
  });
  // Who is too slow for the rate, or refuses, would look quicker if only what was accepted in time counted.
  const notAccepted = new Array<number>(RATE * seconds - steady.accepted).fill(MORE_SECONDS * 1000);
  return {
    perSecond: load.accepted / load.seconds,
    cpuOfServer,
    cpuOfRedis,
    generator: load.ownCpu,
    ...percentilesOf([...steady.latencies, ...notAccepted]),
  };
}

/** With a short append-only file: Redis would write it anew while we measure, with a process that takes a core of two. */
async function empty(client: Redis): Promise<void> {
  await client.flushall();
  await rewriteAppendOnlyFile(client, () => undefined);
}

function rowsOf(measured: Map<string, MeasuredIntake[]>): IntakeRow[] {
  return [...measured].map(([name, rounds]) => {
    const of = (key: keyof MeasuredIntake) => spreadOf(rounds.map((round) => round[key]));
    return {
      name,
      perSecond: of("perSecond"),
      cpuOfServer: of("cpuOfServer"),
      cpuOfRedis: of("cpuOfRedis"),
      generator: of("generator"),
      p50: of("p50"),
      p99: of("p99"),
    };
  });
}

/** Bytes of Redis a waiting event: of 500 people who are known already and have messages waiting. */
export async function bytesOfWaiting(
  { port, path }: Pick<Server, "port" | "path">,
  { client, seconds }: { client: Redis; seconds: number },
): Promise<number> {
  const events = EVENTS_A_SECOND * seconds;
  await client.flushall();
  const webhooks = createWebhooks(path);
  const send = (count: number) =>
    sendLoad({ requests: webhooks(count), connections: CONNECTIONS, port, seconds: 60 });
  await send(2000);
  const before = await usedBytes(client);
  const { accepted } = await send(events);
  return ((await usedBytes(client)) - before) / accepted;
}

async function usedBytes(client: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
}

export async function pidOf(client: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);
}

function fail(): never {
  throw new Error("there is no such server");
}
