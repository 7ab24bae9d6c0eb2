import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { DeskLedger } from "../src/sandbox/desk/reads.ts";
import { startDesk } from "../src/sandbox/desk/server.ts";
import type { GraphLedger } from "../src/sandbox/graph/entries.ts";
import { sampleTemplates } from "../src/sandbox/graph/sample-templates.ts";
import { startGraph } from "../src/sandbox/graph/server.ts";
import type { GraphTemplate, StatusBehaviour } from "../src/sandbox/graph/settings.ts";
import { type AppProcess, type AppProcessOptions, startAppProcess } from "./app-process.ts";

const SECRETS = {
  app: "app-secret",
  verify: "verify-token",
  access: "access-token",
  desk: "desk-token",
  hook: "hook",
};
const mappings = fileURLToPath(new URL("../mappings", import.meta.url));
const NUMBER = "106540352242922";

export interface StackOptions {
  redisUrl: string;
  /** Channel and connection; its Redis keys follow from it, so that stacks do not meet. */
  name: string;
  /** Settings under `queue:`. */
  queue?: Record<string, number>;
  /** Settings of the connection, besides how to reach the sandbox helpdesk. */
  connection?: Record<string, unknown>;
  /** A connection to another helpdesk than the sandbox; `mappings` names a folder below mappings/. */
  helpdesk?: { connection: Record<string, unknown>; mappings: string };
  statuses?: Partial<StatusBehaviour>;
  templates?: GraphTemplate[];
  /** Milliseconds for which a new record cannot be found. */
  deskLagMs?: number;
}

/** A whole Deskferry on loopback: WhatsApp's side, the helpdesk's side, and the settings for app processes between. */
export interface Stack {
  graphUrl: string;
  deskUrl: string;
  /** Starts an app process; the first that takes webhooks is told to both sides. */
  start(options: Omit<AppProcessOptions, "config">): Promise<AppProcess>;
  /** A control request to either side's /sandbox addresses; throws with the answer if refused. */
  graph<T = unknown>(method: string, address: string, body?: unknown): Promise<T>;
  desk<T = unknown>(method: string, address: string, body?: unknown): Promise<T>;
  graphLedger(): Promise<GraphLedger>;
  deskLedger(): Promise<DeskLedger>;
  stop(): Promise<void>;
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const graph = await startGraph({
    numbers: [
      {
        phoneNumberId: NUMBER,
        wabaId: "102290129340398",
        displayPhoneNumber: "+44 1632 960961",
        verifiedName: "Sandbox Council",
        accessToken: SECRETS.access,
        appSecret: SECRETS.app,
        verifyToken: SECRETS.verify,
      },
    ],
    templates: options.templates ?? sampleTemplates,
    ...(options.statuses ? { statuses: options.statuses } : {}),
  });
  const desk = await startDesk({
    token: SECRETS.desk,
    webhookSecret: SECRETS.hook,
    lagMs: options.deskLagMs ?? 0,
  });
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-stack-"));
  const config = path.join(folder, "deskferry.yaml");
  await writeFile(config, JSON.stringify(settings(options, graph.url, desk.url, folder)));
  const processes: AppProcess[] = [];
  const control = (base: string) => (method: string, address: string, body?: unknown) =>
    call(`${base}/sandbox${address}`, method, body);

  const stack: Stack = {
    graphUrl: graph.url,
    deskUrl: desk.url,
    graph: control(graph.url) as Stack["graph"],
    desk: control(desk.url) as Stack["desk"],
    graphLedger: () => stack.graph("GET", "/ledger"),
    deskLedger: () => stack.desk("GET", "/ledger"),
    async start(how) {
      const app = await startAppProcess({ ...how, config });
      processes.push(app);
      if (how.role !== "worker") {
        await stack.graph("PUT", "/callback", { url: `${app.url}/webhooks/channels/${options.name}` });
        await stack.desk("PUT", "/callback", { url: `${app.url}/webhooks/connections/${options.name}` });
      }
      return app;
    },
    async stop() {
      await Promise.all(processes.map((app) => app.kill()));
      await Promise.all([graph.stop(), desk.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stack;
}

/** JSON is YAML, too. */
function settings(options: StackOptions, graphUrl: string, deskUrl: string, folder: string) {
  return {
    server: { port: 0 },
    redis: { url: options.redisUrl },
    channels: {
      [options.name]: {
        type: "meta",
        phoneNumberId: NUMBER,
        appSecrets: [SECRETS.app],
        verifyToken: SECRETS.verify,
        accessToken: SECRETS.access,
        graphUrl,
        mediaHosts: [new URL(graphUrl).host],
      },
    },
    connections: {
      [options.name]: options.helpdesk?.connection ?? {
        use: "sandbox",
        url: deskUrl,
        token: SECRETS.desk,
        webhookSecret: SECRETS.hook,
        ...options.connection,
      },
    },
    routes: [
      {
        channel: options.name,
        connection: options.name,
        mapping: path.join(mappings, options.helpdesk?.mappings ?? "sandbox"),
        replyTemplate: { name: "staff_reply", language: "en", parameters: ["text"] },
      },
    ],
    queue: options.queue ?? {},
    media: { folder: path.join(folder, "media") },
  };
}

async function call(url: string, method: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
