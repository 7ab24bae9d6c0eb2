import { claimPort } from "../../claim-port.ts";
import type { DeskferryProcess } from "../../deskferry-process.ts";
import { type Stack, startStack } from "../../stack.ts";
import { comesTrue } from "../stage.ts";
import { runCommand } from "./command.ts";
import { openKept } from "./kept.ts";
import { consentsIn, type Play } from "./plays.ts";
import { type Part, type Scenario, scenarios } from "./scenarios.ts";
import { problemsOf } from "./whole.ts";

export interface LaneOptions {
  name: string;
  /** Two digits, of its own: `erase` looks for a person in all channels of a Redis. */
  number: number;
  redisUrl: string;
  /** Main file of Deskferry. */
  program: string;
  idempotency: "A" | "B";
  plays: readonly Play[];
  /** How long a dead process' conversations are left alone; `LOCK_MS` unless said otherwise. */
  lockMs?: number;
  /** No play begins later: milliseconds, of `performance.now()`. */
  until?: number;
  say(line: string): void;
}

export interface PlayResult {
  play: Play;
  idempotency: "A" | "B";
  /** 1 when a process really ended itself there. */
  kills: number;
  problems: string[];
  /** From the start of the process that went on until all was there. */
  ms: number;
  /** Longer than its waits and 5 s. */
  isLate: boolean;
}

const SETTLE_MS = 2000;
const LOCK_MS = 4000;
const RECEIPT_MS = 10_000;
/** As Meta does for 7 days, only sooner. */
const RETRIES_MS = [100, 200, 400, ...new Array<number>(200).fill(800)];
const SWEEP_MS = 15_000;
const CRASH_MS = 60_000;
/** Then it is taken for lost. */
const WHOLE_MS = 60_000;

/** Plays one after the other between its own two sides: one process dies, the next one must bring it to its end. */
export async function runLane(options: LaneOptions): Promise<PlayResult[]> {
  const stack = await startStack({
    ...{ name: options.name, redisUrl: options.redisUrl, port: await claimPort() },
    retryDelaysMs: RETRIES_MS,
    // Short, so that a dead process' conversations are taken over soon; but a busy machine may stop a living one for seconds.
    queue: {
      lockSeconds: (options.lockMs ?? LOCK_MS) / 1000,
      stallSeconds: 1,
      receiptWaitSeconds: RECEIPT_MS / 1000,
      crashLimit: 50,
    },
    messagesPerComment: options.plays.some(({ needs }) => needs === "bursts") ? 5 : 1,
    connection: {
      ...{ idempotency: options.idempotency, settleMs: SETTLE_MS },
      ...(options.plays.some(({ needs }) => needs === "polls") ? { pollSeconds: 1 } : {}),
    },
  });
  try {
    const { idempotency } = options;
    await stack.desk("PUT", "/settings", idempotency === "A" ? { externalIds: "unique" } : { lagMs: 300 });
    return await playAll(stack, options);
  } finally {
    await stack.stop();
  }
}

async function playAll(stack: Stack, options: LaneOptions): Promise<PlayResult[]> {
  const kept = await openKept(options.redisUrl, options.name);
  const results: PlayResult[] = [];
  const lane = { stack, kept, program: options.program };
  let app = await start(lane);
  try {
    for (const [index, play] of options.plays.entries()) {
      if (performance.now() > (options.until ?? Number.POSITIVE_INFINITY)) break;
      const part = { stack, phone: phoneOf(options, index), mark: `<${play.point}/${index}>` };
      const round = play.command
        ? await crashCommand(play, part, lane)
        : await crashApp(play, part, app, lane);
      app = round.app ?? app;
      const result = await goOn(play, part, { ...round, lane });
      results.push({ play, idempotency: options.idempotency, ...result });
      const { problems, ms } = result;
      options.say(`${options.name}: ${play.point}:${play.passing} ${ms} ms ${problems.join("; ")}`);
    }
    return [...results, ...(await leftOver(lane, options, results))];
  } finally {
    await app.kill();
    kept.close();
  }
}

interface Lane {
  stack: Stack;
  kept: Awaited<ReturnType<typeof openKept>>;
  program: string;
}

interface Crashed {
  app?: DeskferryProcess;
  /** How it ended, when not at its point. */
  problem?: string;
}

/** The app dies at the point, and another process starts. */
async function crashApp(play: Play, part: Part, app: DeskferryProcess, lane: Lane): Promise<Crashed> {
  const scenario: Scenario = scenarios[play.scenario];
  await scenario.prepare?.(part);
  // What else the first message causes must not meet the faults of what follows.
  await comesTrue(WHOLE_MS, () => lane.kept.isQuiet());
  await app.kill();
  if (play.redisIsLost) await lane.kept.forget();
  if (scenario.actsWhileDown) await scenario.act(part);
  const { armed, ended } = await startArmed(lane, play);
  if (!scenario.actsWhileDown) await scenario.act(part);
  const how = await Promise.race([ended, after(CRASH_MS)]);
  // What has not died would go on working beside its successor.
  if (how !== "SIGKILL") await armed?.kill();
  return { app: await start(lane), ...(how === "SIGKILL" ? {} : { problem: `no crash: ${how}` }) };
}

/** A command dies at the point, while the app goes on. */
async function crashCommand(play: Play, part: Part, lane: Lane): Promise<Crashed> {
  const scenario: Scenario = scenarios[play.scenario];
  await scenario.act(part);
  const isReady =
    play.command === "replay"
      ? () => lane.kept.hasDeadLetters()
      : async () => (await look(scenario, part)).length === 0;
  if (!(await comesTrue(WHOLE_MS, isReady))) return { problem: "it could not be prepared" };
  const { signal } = await runCommand(lane.program, argsOf(play, part), { CRASH_AT: settingOf(play) });
  return signal === "SIGKILL" ? {} : { problem: "the command did not crash" };
}

function argsOf({ command, replayed }: Play, { stack, phone }: Part): string[] {
  const what = command === "erase" ? ["erase", "--person", phone] : ["dead", "replay", "--all"];
  if (!command && !replayed) throw new Error("the play has no command");
  return [...what, "--config", stack.config];
}

/** What an operator does after the crash, and the wait until all is there. */
async function goOn(play: Play, part: Part, { problem, lane }: Crashed & { lane: Lane }) {
  const scenario: Scenario = scenarios[play.scenario];
  const problems = problem ? [problem] : [];
  if (play.command || play.replayed) {
    const { code, stderr } = await runCommand(lane.program, argsOf(play, part), {});
    if (code !== 0) problems.push(`the command ended with ${code} when run again: ${stderr.trim()}`);
  }
  // What a command needs to start and to end is not what anybody waits for.
  const begun = performance.now();
  await comesTrue(WHOLE_MS, async () => (await look(scenario, part)).length === 0);
  problems.push(...(await look(scenario, part)));
  if (play.command === "erase") problems.push(...(await lane.kept.tracesOf(part.phone)));
  const ms = Math.round(performance.now() - begun);
  return { kills: problem ? 0 : 1, problems, ms, isLate: ms > allowedMs(play, scenario, part) };
}

/** What it must wait for, and 5 s. A replay that dies before it wakes the conversation waits for the next sweep. */
function allowedMs({ point }: Play, scenario: Scenario, part: Part): number {
  const receipts = scenario.expected(part).sends.length > 0 ? RECEIPT_MS : 0;
  return 5000 + LOCK_MS + SETTLE_MS + receipts + (point === "letter.replayed" ? SWEEP_MS : 0);
}

async function look(scenario: Scenario, part: Part): Promise<string[]> {
  const [desk, graph] = await Promise.all([part.stack.deskLedger(), part.stack.graphLedger()]);
  return problemsOf(scenario.expected(part), part.phone, { desk, graph });
}

/** After a quiet second: nothing came twice, nothing waits, nothing was given up. */
async function leftOver({ stack, kept }: Lane, options: LaneOptions, results: PlayResult[]) {
  await comesTrue(WHOLE_MS, () => kept.isQuiet());
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const found: PlayResult[] = [];
  for (const [index, result] of results.entries()) {
    const { play } = result;
    const part = { stack, phone: phoneOf(options, index), mark: `<${play.point}/${index}>` };
    const problems = await look(scenarios[play.scenario], part);
    if (problems.length > 0) found.push({ ...result, kills: 0, problems });
  }
  const [last] = results.slice(-1);
  const stuck = await kept.leftOver(consentsIn(results.map(({ play }) => play)));
  if (last && stuck.length > 0) found.push({ ...last, kills: 0, problems: stuck });
  return found;
}

function phoneOf({ number }: LaneOptions, index: number): string {
  return `+44770${10 + number}${10_000 + index}`;
}

const settingOf = ({ point, passing }: Play) => `${point}:${passing}`;

/** Resolves, once it listens or has died before that; `ended` with how it ends. */
async function startArmed(
  { stack, program }: Lane,
  play: Play,
): Promise<{ armed: DeskferryProcess | undefined; ended: Promise<string> }> {
  let tell: (how: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    tell = (how) => resolve(how.includes("SIGKILL") ? "SIGKILL" : how);
  });
  const env = { CRASH_AT: settingOf(play) };
  const how = { program, env, onEnd: tell, onError: () => undefined };
  return { armed: await stack.start("all", how).catch(() => undefined), ended };
}

function start({ stack, program }: Lane): Promise<DeskferryProcess> {
  return stack.start("all", { program });
}

function after(ms: number): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(`nothing for ${ms} ms`), ms).unref();
  });
}
