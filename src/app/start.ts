import type { OpenConfig } from "../config/load.ts";
import type { Plugins } from "../config/plugins.ts";
import type { Config } from "../config/schema.ts";
import type { TraceEntry } from "../domain/trace.ts";
import type { Reloader } from "../mapping/reload.ts";
import { keepTemplates } from "../outbound/refresh-templates.ts";
import { createDrainLog } from "../queue/drain-log.ts";
import { createIntake } from "../queue/intake.ts";
import { sweep } from "../queue/sweeper.ts";
import { createWakeQueues, type WakeQueues } from "../queue/wake-queues.ts";
import { startWorkers } from "../queue/workers.ts";
import type { Clock } from "../sdk/clock.ts";
import { connectRedis } from "../store/connection.ts";
import { openCipher } from "../store/name-key.ts";
import { ping } from "../store/redis.ts";
import { confirmByReplicas } from "../store/replicas.ts";
import { createStore, type Store } from "../store/store.ts";
import { unsafeSettings } from "../store/unsafe-settings.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { type Audit, createAudit } from "./audit.ts";
import { auditedStore } from "./audited-store.ts";
import { type BackgroundJob, startBackground } from "./background.ts";
import { createGuards, troubles } from "./calls/guards.ts";
import { missingKeys } from "./encryption.ts";
import { createGivenUp, createHandler, createUndeliveredRound, type HandlerOptions } from "./handlers.ts";
import { refusedMappings, reloaderOf } from "./mapping-reload.ts";
import { createParts, type Parts, partOf } from "./parts.ts";
import { createPollStart, pollJobs } from "./poll-jobs.ts";
import { processEntries } from "./process-entries.ts";
import { renewSecrets } from "./renew-secrets.ts";
import { createRetention } from "./retention.ts";
import { serve } from "./serve.ts";
import { createTaking } from "./webhooks.ts";

/** `intake` answers webhooks, `worker` does the work; both serve health and metrics. */
export type Role = "all" | "intake" | "worker";

export interface StartOptions {
  config: Config;
  plugins: Plugins;
  role: Role;
  logger: Logger;
  clock: Clock;
  /** Absent: what the secret files hold at the start stays. */
  secrets?: Pick<OpenConfig, "secretFiles" | "reload">;
}

export interface App {
  /** The port listened on. */
  port: number;
  /** Takes nothing more, finishes what is under way within 10 s, closes everything. */
  stop(): Promise<void>;
}

const SWEEP_MS = 15_000;
const UNDELIVERED_MS = 60_000;
const TRIM_MS = 3_600_000;
/** SIGTERM to exit within 10 s; what is not done by then another worker takes over. */
const DRAIN_MS = 8500;

/** The composition root: Redis, store, queues, channels, connectors, HTTP; each knows only what it is handed. */
export async function startApp(options: StartOptions): Promise<App> {
  const { config, role, logger, clock, secrets } = options;
  const { intakeRedis, workRedis, store, cipher, audit, metrics, guards, parts, disconnect } =
    await open(options);
  const channels = [...parts.channels.keys()];
  const queues = createWakeQueues(intakeRedis, channels, config.queue.reorderMillis);
  const { waitReplicas } = config.redis;
  const confirm = (channel: string) => confirmByReplicas(intakeRedis, channel, waitReplicas);
  const intake = createIntake(queues, { cipher, ...(waitReplicas > 0 ? { confirm } : {}) });
  const trace = (entry: Omit<TraceEntry, "at">) => {
    store.traces.add({ ...entry, at: new Date(clock.now()).toISOString() }).catch(() => undefined);
  };
  const taking = createTaking({ parts, links: store.links, intake, metrics, store, clock, trace });

  async function release(): Promise<void> {
    await parts.close();
    await queues.close();
    disconnect();
  }
  const works = role !== "intake";
  // For questions from outside, which must be answered while Redis is away.
  const asked = { store: createStore(intakeRedis, cipher), ping: () => ping(intakeRedis) };
  const reloader = reloaderOf(parts, { logger, metrics, audit });
  const entries = processEntries({ ...options, parts, audit });
  const warnings = async () => [
    ...[...refusedMappings(reloader), ...missingKeys(cipher)],
    ...(await troubles(guards, asked.store.accountStops.reason)),
  ];
  // All that can be refused comes before the work begins, and leaves nothing open behind it.
  const server = await orRelease(release, async () => {
    if (works) await reloader.load();
    return serve({ config, role, parts, guards, taking, metrics, ...asked, warnings, logger, clock });
  });
  await entries.started();
  const { hurryOne: hurry } = queues;
  const startPolling = createPollStart({ config, parts, store, taking });
  const handling = { config, parts, store, intake, startPolling, hurry, metrics, logger, clock, trace };
  const workers = works
    ? startWorkers({
        redis: workRedis,
        channels,
        queues,
        settings: workerSettings(config),
        tools: {
          mailboxes: store.mailboxes,
          handle: createHandler(handling),
          givenUp: createGivenUp(handling),
          mostTogether: (channel) => partOf(parts.routes, channel).messagesPerComment,
          policy: retryPolicy(config),
          log: createDrainLog({ logger, metrics, trace, now: clock.now }),
          now: clock.now,
        },
      })
    : undefined;
  const own = { parts, guards, store, cipher, queues, metrics, audit };
  const jobs: BackgroundJob[] = [
    ...(secrets ? [renewSecrets({ ...options, ...own, secrets })] : []),
    ...(works ? [...workJobs({ handling, queues, taking, audit }), ...watchJobs(config, reloader)] : []),
  ];
  const background = startBackground(jobs, logger);
  logger.info("started", { role, port: server.port, channels: channels.length });

  return {
    port: server.port,
    async stop() {
      const drained = Promise.all([server.close(), background.stop(), workers?.close()]);
      await Promise.race([drained, after(DRAIN_MS)]);
      await entries.stopped();
      await release();
      logger.info("stopped", { role });
    },
  };
}

/** What all else is made of: Redis, what is remembered in it, and the parts. */
async function open({ config, plugins, logger, clock }: StartOptions) {
  const { intakeRedis, workRedis } = await connect(config);
  function closeBoth(): void {
    intakeRedis.disconnect();
    workRedis.disconnect();
  }
  const cipher = await orRelease(
    async () => closeBoth(),
    () => openCipher(workRedis, config.encryption),
  );
  const plain = createStore(workRedis, cipher);
  const metrics = createMetrics();
  const { audits } = plain;
  const audit = createAudit({ settings: config.audit, audits, by: "system", clock, logger, metrics });
  const store = auditedStore(plain, { audit, routes: config.routes });
  const guards = createGuards(config.connections, { store, metrics, logger, clock });
  function disconnect(): void {
    for (const guard of guards.values()) guard.shutdown();
    closeBoth();
  }
  const parts = await orRelease(
    async () => disconnect(),
    async () => createParts(config, plugins, { logger, clock, guards }),
  );
  return { intakeRedis, workRedis, store, cipher, audit, metrics, guards, parts, disconnect };
}

async function connect(config: Config) {
  const workRedis = await connectRedis(config.redis, "worker");
  return orRelease(
    async () => workRedis.disconnect(),
    async () => {
      const unsafe = await unsafeSettings(workRedis, { everyWrite: config.profile === "strict" });
      if (unsafe.length > 0 && !config.redis.allowUnsafe) throw new UnsafeRedis(unsafe);
      return { workRedis, intakeRedis: await connectRedis(config.redis, "intake") };
    },
  );
}

/** Runs; if that fails, releases what is held before the failure goes on. */
async function orRelease<T>(release: () => Promise<void>, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    await release();
    throw error;
  }
}

/** Redis would lose accepted events; `reasons` say what to change. */
export class UnsafeRedis extends Error {
  readonly reasons: string[];

  constructor(reasons: string[]) {
    super(`Redis is not safe to use:\n${reasons.map((reason) => `- ${reason}`).join("\n")}`);
    this.name = "UnsafeRedis";
    this.reasons = reasons;
  }
}

interface WorkJobsOptions {
  handling: HandlerOptions;
  queues: WakeQueues;
  taking: ReturnType<typeof createTaking>;
  audit: Audit;
}

/** What workers do again and again besides what waits in the mailboxes. */
function workJobs({ handling, queues, taking, audit }: WorkJobsOptions): BackgroundJob[] {
  const { config, parts, store, clock } = handling;
  const channels = [...parts.channels.keys()];
  return [
    { name: "undelivered", everyMs: UNDELIVERED_MS, run: createUndeliveredRound(handling) },
    { name: "sweep", everyMs: SWEEP_MS, run: () => sweep(channels, store.mailboxes, queues) },
    { name: "audit", everyMs: TRIM_MS, run: () => audit.trim(channels) },
    { name: "retention", everyMs: TRIM_MS, run: createRetention({ ...handling, audit }, channels) },
    ...pollJobs({ config, parts, store, taking }),
    ...templateJobs(config, parts, store, clock),
  ];
}

function watchJobs({ mappings }: Config, reloader: Reloader): BackgroundJob[] {
  if (mappings.watchSeconds === 0) return [];
  return [{ name: "mappings", everyMs: mappings.watchSeconds * 1000, run: reloader.look }];
}

function workerSettings({ queue }: Config) {
  return {
    concurrency: queue.concurrency,
    lockMs: queue.lockSeconds * 1000,
    stallMs: queue.stallSeconds * 1000,
  };
}

function retryPolicy({ queue }: Config) {
  return {
    crashLimit: queue.crashLimit,
    giveUpAfterMs: queue.giveUpAfterHours * 3_600_000,
    random: Math.random,
  };
}

/** How often it is looked whether a copy of templates has to be renewed. */
const LOOK_MS = 60_000;

/** Keeps the stored copies up to date; of all workers one asks. */
function templateJobs(config: Config, parts: Parts, store: Store, clock: Clock): BackgroundJob[] {
  const maxAgeMs = config.templates.refreshMinutes * 60_000;
  return [...parts.channels].flatMap(([name, { channel }]) => {
    if (!channel.listTemplates) return [];
    const run = () => keepTemplates(name, maxAgeMs, { channel, store, clock });
    return [{ name: `templates ${name}`, everyMs: LOOK_MS, run }];
  });
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
