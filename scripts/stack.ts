import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DeskLedger } from "../src/sandbox/desk/reads.ts";
import { startDesk } from "../src/sandbox/desk/server.ts";
import type { GraphLedger } from "../src/sandbox/graph/entries.ts";
import { sampleTemplates } from "../src/sandbox/graph/sample-templates.ts";
import { startGraph } from "../src/sandbox/graph/server.ts";
import { type DeskferryProcess, type ProcessOptions, startDeskferry } from "./deskferry-process.ts";
import { control, pointCallbacks, sandbox, sandboxConnection, settingsText } from "./sandbox-settings.ts";

export interface StackOptions {
  redisUrl: string;
  /** Replicas that must hold an event before its webhook is answered; none unless said otherwise. */
  waitReplicas?: number;
  /** Channel and connection; its Redis keys follow from it, so that stacks do not meet. */
  name: string;
  /** Which notes staff get about what was sent; only about problems unless said otherwise. */
  sendNotes?: string;
  /** How many waiting messages become one comment; each its own unless said otherwise. */
  messagesPerComment?: number;
  /** Settings under `queue:`. */
  queue?: Record<string, number>;
  /** Waits before a webhook that was not answered 200 is posted again; each side's own unless said otherwise. */
  retryDelaysMs?: number[];
  /** Where an app that takes webhooks listens; another free port each time unless said otherwise. */
  port?: number;
  /** Settings under `mappings:`. */
  mappings?: { watchSeconds: number };
  /** Mapping folder instead of the sandbox's: the name of one below mappings/, or a path. */
  mapping?: string;
  /** Settings of the connection, besides how to reach the sandbox helpdesk. */
  connection?: Record<string, unknown>;
  /** A connection to another helpdesk than the sandbox; `mapping` names a folder below mappings/. */
  helpdesk?: { connection: Record<string, unknown>; mapping: string };
}

/** A whole Deskferry on loopback for tests: both sides here, so that they outlive the app's processes between them. */
export interface Stack {
  /** Path of its deskferry.yaml. */
  config: string;
  /** Starts an app process; one that takes webhooks is told to both sides. */
  start(role: "all" | "intake" | "worker", options?: ProcessOptions): Promise<DeskferryProcess>;
  /** Control requests to either side's /sandbox addresses. */
  graph(method: string, address: string, body?: unknown): Promise<unknown>;
  desk(method: string, address: string, body?: unknown): Promise<unknown>;
  graphLedger(): Promise<GraphLedger>;
  deskLedger(): Promise<DeskLedger>;
  /** A file that WhatsApp holds, by its id there. */
  graphFile(id: string): Promise<Buffer>;
  stop(): Promise<void>;
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const { name } = options;
  const retries = options.retryDelaysMs ? { retryDelaysMs: options.retryDelaysMs } : {};
  const graph = await startGraph({
    numbers: [
      {
        phoneNumberId: sandbox.phoneNumberId,
        wabaId: sandbox.businessAccountId,
        displayPhoneNumber: "+44 1632 960961",
        verifiedName: "Sandbox Council",
        accessToken: sandbox.accessToken,
        appSecret: sandbox.appSecret,
        verifyToken: sandbox.verifyToken,
      },
    ],
    templates: sampleTemplates,
    ...retries,
  });
  const desk = await startDesk({
    token: sandbox.deskToken,
    webhookSecret: sandbox.webhookSecret,
    ...retries,
  });
  const helpdesk = options.helpdesk ?? {
    connection: { ...sandboxConnection(desk.url), ...options.connection },
    mapping: options.mapping ?? "sandbox",
  };
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-stack-"));
  const config = path.join(folder, "deskferry.yaml");
  await writeFile(config, settingsText({ ...options, ...helpdesk, graphUrl: graph.url }));
  const processes: DeskferryProcess[] = [];

  return {
    config,
    graph: (method, address, body) => control(graph.url, method, address, body),
    desk: (method, address, body) => control(desk.url, method, address, body),
    graphLedger: async () => (await control(graph.url, "GET", "/ledger")) as GraphLedger,
    deskLedger: async () => (await control(desk.url, "GET", "/ledger")) as DeskLedger,
    async graphFile(id) {
      const answer = await fetch(`${graph.url}/sandbox/media/${encodeURIComponent(id)}`);
      if (!answer.ok) throw new Error(`no file ${id}: ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    },
    async start(role, how) {
      const app = await startDeskferry(["run", "--config", config, "--role", role], { built: true, ...how });
      processes.push(app);
      if (role !== "worker") await pointCallbacks({ graphUrl: graph.url, deskUrl: desk.url }, app.url, name);
      return app;
    },
    async stop() {
      await Promise.all(processes.map((app) => app.kill()));
      await Promise.all([graph.stop(), desk.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
