import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createHttpClient } from "../../src/sdk/http-client.ts";
import { type OldVersion, unpack } from "../rolling/old-version.ts";
import { costOfCall, type MakeClient } from "./calls.ts";
import { bytesOfWaiting, measureIntake, pidOf, type Server } from "./intake.ts";
import { type BenchOptions, inTurn } from "./options.ts";
import { openPathStage, PATH, type PathStage, type Version } from "./path-stage.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import { idleBytes, pathLoadOf, steadyCalls, throughDeskferry } from "./whole-path.ts";

/** An older Deskferry beside this one, in turns. */
export interface AgainstResult {
  /** As it was given. */
  commit: string;
  rows: AgainstRow[];
}

export interface AgainstRow {
  what: string;
  /** Whether a small value is the good one. */
  isCost: boolean;
  before: Spread;
  now: Spread;
}

/** What is compared; all the rest of the bench needs today's sources. */
const figures = {
  "intake, webhooks/s": { isCost: false },
  "p99 at 4,000 webhooks/s, ms": { isCost: true },
  "CPU of the intake a webhook, µs": { isCost: true },
  "whole path, messages/s": { isCost: false },
  "CPU of the whole path a message, µs": { isCost: true },
  "CPU of a helpdesk call, µs": { isCost: true },
  "helpdesk calls a message, steady state": { isCost: true },
  "bytes of Redis a waiting event": { isCost: true },
  "bytes of Redis an idle conversation": { isCost: true },
} as const;

type Figure = keyof typeof figures;
type Values = Partial<Record<Figure, number>>;

/** One of the two versions. */
interface Side {
  name: "before" | "now";
  stage: PathStage;
  makeClient: MakeClient;
}

/** Builds a commit of this history in a scratch folder and measures it and the present Deskferry in turns. */
export async function benchAgainst(commit: string, options: BenchOptions): Promise<AgainstResult> {
  const old = unpack(commit);
  if (!old) throw new Error(`the history does not go back to ${commit}; fetch it with git fetch --unshallow`);
  try {
    build(old);
    const sides = [
      { name: "before", stage: await openPathStage(stageOf(old)), makeClient: await clientOf(old) },
      { name: "now", stage: await openPathStage(), makeClient: createHttpClient },
    ] as const;
    try {
      return { commit, rows: rowsOf(await measure(sides, options)) };
    } finally {
      for (const { stage } of sides) await stage.stop();
    }
  } finally {
    old.remove();
  }
}

function build({ folder }: OldVersion): void {
  const done = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: folder, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`the older version cannot be built:\n${done.stdout}${done.stderr}`);
}

/** Its mappings are its own: it may not know the functions of today's. */
function stageOf({ folder, settings }: OldVersion): { version: Version; mapping: string } {
  const program = path.join(folder, "dist/src/main.js");
  return { version: { run: { program, folder }, settings }, mapping: path.join(folder, "mappings/sandbox") };
}

async function clientOf({ folder }: OldVersion): Promise<MakeClient> {
  const file = pathToFileURL(path.join(folder, "dist/src/sdk/http-client.js"));
  return ((await import(file.href)) as { createHttpClient: MakeClient }).createHttpClient;
}

async function measure(
  sides: readonly Side[],
  options: BenchOptions,
): Promise<Record<Side["name"], Values[]>> {
  const measured: Record<Side["name"], Values[]> = { before: [], now: [] };
  async function inTurns(figuresOf: (side: Side) => Promise<Values>): Promise<void> {
    for (let round = 0; round <= options.rounds; round++) {
      for (const side of inTurn(sides, round)) {
        const values = await figuresOf(side);
        if (round > 0) measured[side.name].push(values);
        options.say(`round ${round} of ${options.rounds}, ${side.name}: ${JSON.stringify(values)}`);
      }
    }
  }
  const work = pathLoadOf(options);
  await inTurns(({ makeClient }) => callFigures(makeClient));
  await inTurns(({ stage }) => intakeFigures(stage, options.seconds));
  for (const { name, stage } of sides) measured[name].push(await waitingFigures(stage, options.seconds));
  const workers = new Map(
    await Promise.all(sides.map(async ({ name, stage }) => [name, await stage.startWorker()] as const)),
  );
  await inTurns(async ({ name, stage }) => {
    const worker = workers.get(name);
    if (!worker) throw new Error("there is no such worker");
    const { perSecond, cpu } = await throughDeskferry({ ...stage, worker }, work);
    return { "whole path, messages/s": perSecond, "CPU of the whole path a message, µs": cpu };
  });
  for (const { name, stage } of sides) measured[name].push(await restFigures(stage, work.people));
  return measured;
}

async function callFigures(makeClient: MakeClient): Promise<Values> {
  return { "CPU of a helpdesk call, µs": await costOfCall(makeClient) };
}

async function intakeFigures({ client, intake, port }: PathStage, seconds: number): Promise<Values> {
  const server: Server = { name: "", port, pid: intake.pid, path: PATH, fsync: "always" };
  const one = await measureIntake(server, { client, redisPid: await pidOf(client), seconds });
  return {
    "intake, webhooks/s": one.perSecond,
    "p99 at 4,000 webhooks/s, ms": one.p99,
    "CPU of the intake a webhook, µs": one.cpuOfServer,
  };
}

async function waitingFigures({ client, port }: PathStage, seconds: number): Promise<Values> {
  return {
    "bytes of Redis a waiting event": await bytesOfWaiting({ port, path: PATH }, { client, seconds }),
  };
}

/** After the last round: its people are silent now. */
async function restFigures(stage: PathStage, people: number): Promise<Values> {
  const bytes = await idleBytes(stage.client, people);
  const calls = await steadyCalls(stage, people);
  return { "bytes of Redis an idle conversation": bytes, "helpdesk calls a message, steady state": calls };
}

function rowsOf(measured: Record<Side["name"], Values[]>): AgainstRow[] {
  return (Object.keys(figures) as Figure[]).map((what) => {
    const of = (side: Side["name"]) => spreadOf(measured[side].flatMap((values) => values[what] ?? []));
    return { what, ...figures[what], before: of("before"), now: of("now") };
  });
}
