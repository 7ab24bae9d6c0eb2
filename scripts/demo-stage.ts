import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPageServer } from "../src/sandbox/page-server.ts";
import { connectRedis } from "../src/store/connection.ts";
import { createTraces } from "../src/store/traces.ts";
import { type DeskferryProcess, startDeskferry } from "./deskferry-process.ts";
import { startRedis } from "./private-redis.ts";
import { pointCallbacks, sandbox, sandboxConnection, settingsText } from "./sandbox-settings.ts";

/** Log lines kept for when something goes wrong. */
const KEPT_LINES = 30;

export interface Stage {
  graphUrl: string;
  deskUrl: string;
  pageUrl: string;
  /** The app's last log lines, for when something went wrong. */
  lastLines(): string;
  /** Resolves with a reason when one of the processes ends by itself. */
  broken: Promise<string>;
  stop(): Promise<void>;
}

export interface StageOptions {
  /** Told what is being done, so that nobody wonders. */
  step<T>(what: string, work: Promise<T>): Promise<T>;
  /** Port of the page; 0 for any. */
  port: number;
}

/** Starts Redis, the Graph emulator, the sandbox helpdesk, Deskferry itself and the page: five processes in all. */
export async function startStage({ step, port }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-demo-"));
  const endings: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  const processes = createProcesses();
  try {
    const redis = await step("Redis", startRedis({ say: (line) => process.stderr.write(`  ${line}\n`) }));
    endings.push(() => redis.stop());
    endings.push(() => processes.stop());
    const [graphUrl, deskUrl] = await step("sandbox phone and helpdesk", startSandbox(processes.start));
    const channel = process.env["REDIS_URL"] ? `demo-${Date.now().toString(36)}` : "city";
    const config = join(folder, "deskferry.yaml");
    const connection = { ...sandboxConnection(deskUrl), settleMs: 100 };
    writeFileSync(
      config,
      settingsText({ redisUrl: redis.url, graphUrl, name: channel, connection, mapping: "sandbox" }),
    );
    const appUrl = await step("Deskferry", processes.start("run", "--config", config));
    await pointCallbacks({ graphUrl, deskUrl }, appUrl, channel);
    const pages = await step("page", openPage({ graphUrl, deskUrl, channel, redisUrl: redis.url, port }));
    endings.push(() => pages.stop());
    const { broken, lastLines } = processes;
    return { graphUrl, deskUrl, pageUrl: pages.url, lastLines, broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startSandbox(start: Processes["start"]): Promise<[string, string]> {
  const { accessToken, appSecret, deskToken, webhookSecret } = sandbox;
  const statuses = "sent=150,delivered=600,read=1800";
  return Promise.all([
    start("emulate", "graph", "--token", accessToken, "--app-secret", appSecret, "--statuses", statuses),
    start("emulate", "desk", "--token", deskToken, "--webhook-secret", webhookSecret),
  ]);
}

interface Addresses {
  graphUrl: string;
  deskUrl: string;
  channel: string;
}

async function openPage(options: Addresses & { redisUrl: string; port: number }) {
  const { graphUrl, deskUrl, channel, redisUrl, port } = options;
  const redis = await connectRedis(redisUrl, "worker");
  const traces = createTraces(redis);
  const pages = await createPageServer({
    graphUrl,
    deskUrl,
    connection: channel,
    port,
    readTrace: () => traces.follow(channel),
  });
  return {
    url: pages.url,
    async stop() {
      await pages.stop();
      redis.disconnect();
    },
  };
}

interface Processes {
  /** Runs `deskferry ARGS…`; resolves with the address that it says it listens on. */
  start(...args: string[]): Promise<string>;
  broken: Promise<string>;
  lastLines(): string;
  stop(): Promise<void>;
}

function createProcesses(): Processes {
  const processes: DeskferryProcess[] = [];
  const lines: string[] = [];
  let onEnd: (how: string) => void = () => undefined;
  const broken = new Promise<string>((resolve) => {
    onEnd = resolve;
  });
  const onLine = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
  };
  return {
    broken,
    lastLines: () => lines.join("\n"),
    async start(...args) {
      const one = await startDeskferry(args, { onLine, onEnd });
      processes.push(one);
      return one.url;
    },
    async stop() {
      await Promise.all(processes.map((one) => one.stop()));
    },
  };
}
