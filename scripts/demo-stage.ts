import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createPageServer } from "../src/sandbox/page-server.ts";
import { connectRedis } from "../src/store/connection.ts";
import { createTraces } from "../src/store/traces.ts";
import { startRedis } from "./private-redis.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const secrets = {
  token: "demo-token",
  app: "demo-app-secret",
  desk: "demo-desk-token",
  webhook: "demo-desk-secret",
};
const number = { id: "106540352242922", account: "102290129340398" };
/** A worker may take 10 s to drain; then it is ended. */
const STOP_MS = 12_000;

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
    writeFileSync(config, settings({ redisUrl: redis.url, graphUrl, deskUrl, channel }));
    const appUrl = await step("Deskferry", processes.start("run", "--config", config));
    await pointCallbacks({ graphUrl, deskUrl, appUrl, channel });
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
  const statuses = "sent=150,delivered=600,read=1800";
  return Promise.all([
    start("sandbox", "graph", "--token", secrets.token, "--app-secret", secrets.app, "--statuses", statuses),
    start("sandbox", "desk", "--token", secrets.desk, "--webhook-secret", secrets.webhook),
  ]);
}

interface Addresses {
  graphUrl: string;
  deskUrl: string;
  channel: string;
}

/** JSON is YAML. */
function settings({ redisUrl, graphUrl, deskUrl, channel }: Addresses & { redisUrl: string }): string {
  const city = {
    type: "meta",
    phoneNumberId: number.id,
    businessAccountId: number.account,
    appSecrets: [secrets.app],
    verifyToken: "demo-verify",
    accessToken: secrets.token,
    graphUrl,
  };
  const desk = {
    use: "sandbox",
    url: deskUrl,
    token: secrets.desk,
    webhookSecret: secrets.webhook,
    settleMs: 100,
  };
  const replyTemplate = { name: "staff_reply", language: "en", parameters: ["text"] };
  const route = { channel, connection: "desk", mapping: join(root, "mappings", "sandbox"), replyTemplate };
  const server = { host: "127.0.0.1", port: 0 };
  const all = {
    server,
    redis: { url: redisUrl },
    channels: { [channel]: city },
    connections: { desk },
    routes: [route],
  };
  return JSON.stringify(all, undefined, 2);
}

async function pointCallbacks({
  graphUrl,
  deskUrl,
  appUrl,
  channel,
}: Addresses & { appUrl: string }): Promise<void> {
  const point = async (base: string, url: string) => {
    const body = JSON.stringify({ url });
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${base}/sandbox/callback`, { method: "PUT", headers, body });
    if (!answer.ok) throw new Error(`${base} refused its callback: ${await answer.text()}`);
  };
  await point(graphUrl, `${appUrl}/webhooks/channels/${channel}`);
  await point(deskUrl, `${appUrl}/webhooks/connections/desk`);
}

async function openPage(options: Addresses & { redisUrl: string; port: number }) {
  const { graphUrl, deskUrl, channel, redisUrl, port } = options;
  const redis = await connectRedis(redisUrl, "worker");
  const traces = createTraces(redis);
  const pages = await createPageServer({
    graphUrl,
    deskUrl,
    connection: "desk",
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

const KEPT_LINES = 30;

function createProcesses(): Processes {
  const children: ChildProcess[] = [];
  const lines: string[] = [];
  let isStopping = false;
  let breaks: (reason: string) => void = () => undefined;
  const broken = new Promise<string>((resolve) => {
    breaks = resolve;
  });
  return {
    broken,
    lastLines: () => lines.join("\n"),
    async start(...args) {
      const name = args[0] === "sandbox" ? `sandbox ${args[1]}` : "deskferry";
      const tsx = import.meta.resolve("tsx");
      const main = join(root, "src", "main.ts");
      const child = spawn(process.execPath, ["--conditions=source", "--import", tsx, main, ...args], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.push(child);
      child.once("exit", (code, signal) => {
        if (!isStopping) breaks(`${name} ended by itself (${signal ?? code})`);
      });
      return listeningAddress(child, name, (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
      });
    },
    async stop() {
      isStopping = true;
      await Promise.all(children.map(end));
    },
  };
}

/** The servers of the sandbox print `{"listening": url}`, Deskferry logs `started` with its port. */
function listeningAddress(child: ChildProcess, name: string, write: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`${name} ended before it was ready`)));
    if (!child.stdout) return reject(new Error(`${name} has no output`));
    createInterface({ input: child.stdout }).on("line", (line) => {
      write(line);
      const said = readLine(line);
      if (said.listening) resolve(said.listening);
      if (said.message === "started" && said.port) resolve(`http://127.0.0.1:${said.port}`);
    });
  });
}

function readLine(line: string): { listening?: string; message?: string; port?: number } {
  try {
    return JSON.parse(line) as ReturnType<typeof readLine>;
  } catch {
    return {};
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await gone;
  clearTimeout(timer);
}
