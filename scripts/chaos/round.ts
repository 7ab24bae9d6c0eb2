import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { RedisAddress } from "../../src/store/connection.ts";
import { startPrivateRedis } from "../private-redis.ts";
import { countPending, readAccount } from "./accounts.ts";
import { arrived } from "./check.ts";
import { type Kills, startKiller } from "./killer.ts";
import { outcomeOf, type SuiteResult } from "./outcome.ts";
import { eventsOf, newPlay, type Play, perform } from "./play.ts";
import { seededRandom } from "./random.ts";
import { type Stage, startStage } from "./stage.ts";
import type { Suite } from "./suites.ts";
import { startTrouble, type TroubleName } from "./trouble.ts";

/** One installation, played with and killed at, from one seed. */
export interface RoundOptions {
  name: string;
  seed: number;
  suites: readonly Suite[];
  kills: number;
  redisKills: number;
  /** For the kills; afterwards what is left gets its time. */
  mostMs: number;
  appendfsync: "always" | "everysec";
  program: string;
  /** What is wrong with the links besides; Deskferry's own then lead through proxies. */
  trouble?: TroubleName;
  say(line: string): void;
}

export interface RoundResult {
  name: string;
  seed: number;
  trouble?: TroubleName;
  appendfsync: string;
  seconds: number;
  wanted: { kills: number; redisKills: number };
  killed: Kills;
  /** Share of what was written by then that had arrived when the killing ended: work was done between kills. */
  doneUnderFire: number;
  /** `deskferry audit verify` found the chain whole. */
  auditWhole: boolean;
  suites: SuiteResult[];
}

/** Nothing waits for this long: then nothing comes any more. */
const QUIET_MS = 2500;
/** Without any progress for this long, what has not arrived counts as lost: longer than the longest wait after failures. */
const PATIENCE_MS = 380_000;

export async function playRound(options: RoundOptions): Promise<RoundResult> {
  const { seed, suites, say } = options;
  const started = Date.now();
  const redis = await startPrivateRedis({ appendfsync: options.appendfsync });
  const stage = await startStage({
    ...options,
    isProxied: options.trouble !== undefined,
    redisPort: redis.port,
    random: seededRandom(seed + 1),
  });
  const plays = new Map(suites.map((suite) => [suite, newPlay(suite, suites)]));
  // Decisions of one kind do not depend on how many of another were made meanwhile.
  const killer = await startKiller({ ...options, stage, redis, random: seededRandom(seed) });
  const trouble = options.trouble && startTrouble(options.trouble, stage, seededRandom(seed + 2));
  const telling = setInterval(() => {
    say(`seed ${seed}: ${killer.total()} killed, ${killer.kills.redis} of them Redis, ${sum(plays)} events`);
  }, 10_000);
  try {
    await Promise.all(
      suites.map((suite, index) =>
        perform(plays.get(suite) ?? newPlay(suite, suites), suite, {
          stage,
          suites,
          untilKilled: killer.untilKilled,
          random: seededRandom(seed + 10 + index),
        }),
      ),
    );
    await killer.done();
    await trouble?.stop();
    await stopCutting(stage, suites);
    const doneUnderFire = (await allArrived(stage, plays)) / sum(plays);
    await settle(redis.url, stage, plays, say);
    return {
      name: options.name,
      seed,
      ...(options.trouble ? { trouble: options.trouble } : {}),
      appendfsync: options.appendfsync,
      wanted: { kills: options.kills, redisKills: options.redisKills },
      killed: killer.kills,
      doneUnderFire: Math.round(doneUnderFire * 100) / 100,
      auditWhole: await isAuditWhole(options.program, stage.config),
      suites: await outcomes(redis.url, stage, plays),
      seconds: Math.round((Date.now() - started) / 1000),
    };
  } finally {
    clearInterval(telling);
    await trouble?.stop();
    await killer.stop().catch(() => undefined);
    await stage.stop();
    await redis.stop();
  }
}

/** Cuts that waited for a ticket to be made would all meet the one that is tried again. */
async function stopCutting(stage: Stage, suites: readonly Suite[]): Promise<void> {
  await stage.graph("DELETE", "/faults");
  for (const suite of suites) await stage.desk(suite, "DELETE", "/faults");
}

type Plays = ReadonlyMap<Suite, Play>;

function sum(plays: Plays): number {
  return [...plays.values()].reduce((total, play) => total + eventsOf(play), 0);
}

async function allArrived(stage: Stage, plays: Plays): Promise<number> {
  const graph = await stage.graphLedger();
  let count = 0;
  for (const [suite, play] of plays) count += arrived(play, await stage.deskLedger(suite), graph);
  return count;
}

/** Until no mailbox and no webhook waits and it stays so, or nothing moves any more. */
export async function settle(
  redisAt: string | RedisAddress,
  stage: Stage,
  plays: Plays,
  say: RoundOptions["say"],
): Promise<void> {
  const channels = [...plays.keys()].map(({ name }) => name);
  let quietSince: number | undefined;
  let best = -1;
  let since = Date.now();
  while (Date.now() - since < PATIENCE_MS) {
    await sleep(500);
    const pending = await countPending(redisAt, channels);
    const webhooks = await webhooksOnTheirWay(stage, plays);
    if (pending + webhooks > 0) quietSince = undefined;
    else quietSince ??= Date.now();
    if (quietSince && Date.now() - quietSince >= QUIET_MS) return;
    const now = await allArrived(stage, plays);
    if (now > best) {
      since = Date.now();
      say(`${now} of ${sum(plays)} arrived; ${pending} mailboxes and ${webhooks} webhooks wait`);
    }
    best = Math.max(best, now);
  }
}

async function webhooksOnTheirWay(stage: Stage, plays: Plays): Promise<number> {
  let count = (await stage.graphLedger()).pendingWebhooks;
  for (const suite of plays.keys()) count += (await stage.deskLedger(suite)).pendingWebhooks;
  return count;
}

/** What became of each suite, by both ledgers and our own records. */
export async function outcomes(
  redisAt: string | RedisAddress,
  stage: Stage,
  plays: Plays,
): Promise<SuiteResult[]> {
  const graph = await stage.graphLedger();
  const results: SuiteResult[] = [];
  for (const [suite, play] of plays) {
    const account = await readAccount(redisAt, suite.name, play.wamids);
    const all = { ...play, cuts: play.cuts + stage.cutsOf(suite) };
    results.push(outcomeOf(suite, all, { desk: await stage.deskLedger(suite), graph, account }));
  }
  return results;
}

async function isAuditWhole(program: string, config: string): Promise<boolean> {
  const verify = [program, "audit", "verify", "--config", config];
  return promisify(execFile)(process.execPath, verify).then(
    () => true,
    () => false,
  );
}
