import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import { startDesk } from "../../src/sandbox/desk/server.ts";
import type { GraphLedger } from "../../src/sandbox/graph/entries.ts";
import { sampleTemplates } from "../../src/sandbox/graph/sample-templates.ts";
import { startGraph } from "../../src/sandbox/graph/server.ts";
import type { Listening } from "../../src/sandbox/listen.ts";
import { type DeskferryProcess, startDeskferry } from "../deskferry-process.ts";
import { type FaultProxy, startFaultProxy } from "../faults/proxy.ts";
import { control, mappings, sandbox, sandboxConnection } from "../sandbox-settings.ts";
import { connectionOf, type Suite } from "./suites.ts";

export interface StageOptions {
  suites: readonly Suite[];
  redisPort: number;
  /** Settings under `redis:`, where they are more than that port. */
  redis?: Record<string, unknown>;
  /** Main file of Deskferry. */
  program: string;
  random(): number;
  /** Deskferry reaches Redis, WhatsApp and the helpdesks through proxies, too; else only webhooks come by one. */
  isProxied: boolean;
  /** Of intakes and workers that died without being killed. */
  say(line: string): void;
}

/** Both sides of Deskferry with several numbers and helpdesks; the app's processes come and go between them. */
export interface Stage {
  /** Path of deskferry.yaml. */
  config: string;
  /** Between Deskferry and the others. `front` leads from WhatsApp and the helpdesks to the living intakes. */
  proxies: {
    front: FaultProxy;
    redis: FaultProxy;
    graph: FaultProxy;
    desks: ReadonlyMap<string, FaultProxy>;
  };
  start(role: "intake" | "worker"): Promise<DeskferryProcess>;
  graph(method: string, address: string, body?: unknown): Promise<unknown>;
  desk(suite: Suite, method: string, address: string, body?: unknown): Promise<unknown>;
  graphLedger(): Promise<GraphLedger>;
  deskLedger(suite: Suite): Promise<DeskLedger>;
  /** Answers cut off by proxies on the way from a suite's helpdesk. */
  cutsOf(suite: Suite): number;
  stop(): Promise<void>;
}

/** The business number of a suite. */
export function numberOf(suites: readonly Suite[], { name }: Suite): string {
  return `1065403522429${20 + suites.findIndex((each) => each.name === name)}`;
}

/** As Meta does for 7 days, only sooner. */
const RETRIES_MS = [100, 200, 400, ...new Array<number>(200).fill(800)];

export async function startStage(options: StageOptions): Promise<Stage> {
  const { suites, random } = options;
  const graph = await startGraph({
    numbers: suites.map((suite) => ({
      phoneNumberId: numberOf(suites, suite),
      wabaId: sandbox.businessAccountId,
      displayPhoneNumber: "+44 1632 960961",
      verifiedName: suite.name,
      accessToken: sandbox.accessToken,
      appSecret: sandbox.appSecret,
      verifyToken: sandbox.verifyToken,
    })),
    templates: sampleTemplates,
    retryDelaysMs: RETRIES_MS,
    webhookTimeoutMs: 3000,
  });
  const desks = new Map<string, Listening>();
  for (const suite of suites) desks.set(suite.name, await startSuiteDesk(suite));
  const deskOf = ({ name }: Suite) => desks.get(name)?.url ?? "";

  const living: DeskferryProcess[] = [];
  let turn = 0;
  const nextIntake = () => {
    const intake = living[turn++ % living.length];
    return intake && portOf(intake);
  };
  const proxyTo = (port: number) => startFaultProxy({ target: () => port, random });
  const front = await startFaultProxy({ target: nextIntake, random });
  const proxies = {
    front,
    redis: await proxyTo(options.redisPort),
    graph: await proxyTo(portOf(graph)),
    desks: new Map<string, FaultProxy>(),
  };
  for (const [name, desk] of desks) proxies.desks.set(name, await proxyTo(portOf(desk)));

  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-chaos-"));
  const config = path.join(folder, "deskferry.yaml");
  const direct = {
    redis: options.redisPort,
    graph: portOf(graph),
    desk: (suite: Suite) => Number(new URL(deskOf(suite)).port),
  };
  const proxied = {
    redis: proxies.redis.port,
    graph: proxies.graph.port,
    desk: ({ name }: Suite) => proxies.desks.get(name)?.port ?? 0,
  };
  await writeFile(config, settingsText(suites, options.isProxied ? proxied : direct, options.redis));
  await pointCallbacks(suites, { graph, deskOf, front });
  const processes = new Set<DeskferryProcess>();

  return {
    config,
    proxies,
    graph: (method, address, body) => control(graph.url, method, address, body),
    desk: (suite, method, address, body) => control(deskOf(suite), method, address, body),
    graphLedger: async () => (await control(graph.url, "GET", "/ledger")) as GraphLedger,
    deskLedger: async (suite) => (await control(deskOf(suite), "GET", "/ledger")) as DeskLedger,
    async start(role) {
      const forget = () => {
        processes.delete(app);
        const index = living.indexOf(app);
        if (index >= 0) living.splice(index, 1);
      };
      const app = await startDeskferry(["run", "--config", config, "--role", role], {
        program: options.program,
        onError: () => undefined,
        onEnd: options.say,
      });
      processes.add(app);
      if (role === "intake") living.push(app);
      return {
        ...app,
        kill: () => {
          forget();
          return app.kill();
        },
      };
    },
    cutsOf: ({ name }) => proxies.desks.get(name)?.cuts() ?? 0,
    async stop() {
      await Promise.all([...processes].map((app) => app.kill()));
      await Promise.all(
        [front, proxies.redis, proxies.graph, ...proxies.desks.values()].map((each) => each.stop()),
      );
      await Promise.all([graph, ...desks.values()].map((each) => each.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startSuiteDesk({ idempotency, lagMs }: Suite): Promise<Listening> {
  return startDesk({
    token: sandbox.deskToken,
    webhookSecret: sandbox.webhookSecret,
    externalIds: idempotency === "A" ? "unique" : "plain",
    lagMs,
    retryDelaysMs: RETRIES_MS,
  });
}

function portOf({ url }: { url: string }): number {
  return Number(new URL(url).port);
}

async function pointCallbacks(
  suites: readonly Suite[],
  { graph, deskOf, front }: { graph: Listening; deskOf(suite: Suite): string; front: FaultProxy },
): Promise<void> {
  const base = `http://127.0.0.1:${front.port}/webhooks`;
  for (const suite of suites) {
    const url = `${base}/channels/${suite.name}`;
    await control(graph.url, "PUT", "/callback", { number: numberOf(suites, suite), url });
    await control(deskOf(suite), "PUT", "/callback", { url: `${base}/connections/${suite.name}` });
  }
}

/** Where Deskferry reaches the others. */
interface Ports {
  redis: number;
  graph: number;
  desk(suite: Suite): number;
}

/**
 * deskferry.yaml. Short times, so that a dead worker's conversations are taken over soon and unclear sends wait no longer
 * than a test may; the crash limit is out of the way, because here it is never the event's fault.
 */
function settingsText(suites: readonly Suite[], ports: Ports, redis?: Record<string, unknown>): string {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const { accessToken, verifyToken, appSecret, businessAccountId } = sandbox;
  const account = { businessAccountId, accessToken, verifyToken, appSecrets: [appSecret] };
  const channelOf = (suite: Suite) => ({
    type: "meta",
    graphUrl: at(ports.graph),
    phoneNumberId: numberOf(suites, suite),
    ...account,
  });
  const all = {
    server: { host: "127.0.0.1", port: 0 },
    redis: redis ?? { url: `redis://127.0.0.1:${ports.redis}` },
    channels: Object.fromEntries(suites.map((suite) => [suite.name, channelOf(suite)])),
    connections: Object.fromEntries(
      suites.map((suite) => [
        suite.name,
        { ...sandboxConnection(at(ports.desk(suite))), ...connectionOf(suite) },
      ]),
    ),
    routes: suites.map(({ name, messagesPerComment = 1 }) => ({
      channel: name,
      connection: name,
      mapping: path.join(mappings, "sandbox"),
      sendNotes: "problems",
      messagesPerComment,
      replyTemplate: { name: "staff_reply", language: "en", parameters: ["text"] },
    })),
    queue: { lockSeconds: 1, stallSeconds: 0.5, receiptWaitSeconds: 12, crashLimit: 100 },
  };
  return JSON.stringify(all, undefined, 2);
}
