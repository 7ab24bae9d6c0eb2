import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { type DeskferryProcess, type ProcessOptions, startDeskferry } from "../deskferry-process.ts";
import { startPrivateRedis } from "../private-redis.ts";
import { sandboxConnection, settingsText } from "../sandbox-settings.ts";
import { type BenchProcess, startProcess } from "./process.ts";

/** What differs from stage to stage. */
export interface StageOptions {
  /** Which Deskferry; this one as it is built, unless said otherwise. */
  version?: Version;
  /** Folder below mappings/, or the path of another one. */
  mapping?: string;
  /** Settings under `queue:`. */
  queue?: Record<string, number>;
  /** Address of the helpdesk, instead of one that answers at once and counts. */
  deskUrl?: string;
}

/** A build of Deskferry. */
export interface Version {
  run: ProcessOptions;
  /** Settings as this version takes them. */
  settings(text: string): string;
}

export type PathStage = Awaited<ReturnType<typeof openPathStage>>;

const here: Version = { run: { built: true }, settings: (text) => text };
const LONGEST_MS = 120_000;
export const CHANNEL = "bench";
/** Where webhooks go. */
export const PATH = `/webhooks/channels/${CHANNEL}`;

/** A Redis of its own, a helpdesk, and an intake of Deskferry between them; workers come and go. */
export async function openPathStage(options: StageOptions = {}) {
  const { version = here, mapping = "sandbox", queue = {} } = options;
  const redis = await startPrivateRedis({ appendfsync: "always" });
  const client = new Redis(redis.url);
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-bench-"));
  const desk = await startProcess("scripts/bench/answering-server.ts");
  const deskUrl = options.deskUrl ?? `http://127.0.0.1:${desk.port}`;
  const config = path.join(folder, "deskferry.yaml");
  const connection = { ...sandboxConnection(deskUrl), idempotency: "A" };
  const settings = { redisUrl: redis.url, graphUrl: deskUrl, name: CHANNEL, connection, mapping, queue };
  await writeFile(config, version.settings(settingsText(settings)));
  const processes: DeskferryProcess[] = [];
  const start = async (role: "intake" | "worker", how: ProcessOptions = {}) => {
    const options = { ...version.run, ...how };
    const app = await startDeskferry(["run", "--config", config, "--role", role], options);
    processes.push(app);
    return app;
  };
  const intake = await start("intake");
  return {
    redisUrl: redis.url,
    client,
    desk,
    deskUrl,
    intake,
    port: Number(new URL(intake.url).port),
    startWorker: (how?: ProcessOptions) => start("worker", how),
    async stop(): Promise<void> {
      await Promise.all(processes.map((app) => app.stop()));
      desk.stop();
      client.disconnect();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** How often the helpdesk was asked for each kind of thing. */
export async function countsOf({ port }: BenchProcess): Promise<Record<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${port}/counts`);
  return (await answer.json()) as Record<string, number>;
}

export async function countOf(desk: BenchProcess, kind: string): Promise<number> {
  return (await countsOf(desk))[kind] ?? 0;
}

/** Resolves once the helpdesk has been asked so often for a kind of thing. */
export async function untilCount(desk: BenchProcess, kind: string, wanted: number): Promise<void> {
  const ends = performance.now() + LONGEST_MS;
  while ((await countOf(desk, kind)) < wanted) {
    if (performance.now() > ends) throw new Error(`the helpdesk never had ${wanted} ${kind}`);
    await sleep(20);
  }
}
