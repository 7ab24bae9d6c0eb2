import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sendLoad } from "./load.ts";
import type { BenchOptions } from "./options.ts";
import { countOf, openPathStage, PATH, type PathStage, untilCount } from "./path-stage.ts";
import { createWebhooks } from "./webhooks.ts";

/** Where the time of a process goes, the largest share first. */
export type Shares = { part: string; percent: number }[];

export interface ProfileResult {
  intake: Shares;
  worker: Shares;
}

/** Microseconds of the clock that all processes of a machine share. */
type Span = [begun: number, ended: number];

/** Of V8's format. Times in microseconds. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

const MESSAGES = 4000;
const PEOPLE = MESSAGES / 2;
const MOST_WEBHOOKS = 60_000;
const SHOWN = 9;

/** An intake under as many webhooks as it takes, then a worker that empties what waits, both under V8's profiler. */
export async function benchProfile({ seconds, say }: BenchOptions): Promise<ProfileResult> {
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-profile-"));
  const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`];
  const run = { built: true, flags };
  const stage = await openPathStage({ version: { run, settings: (text) => text } });
  const pids = { intake: stage.intake.pid, worker: 0 };
  const spans: Record<keyof typeof pids, Span> = { intake: [0, 0], worker: [0, 0] };
  try {
    spans.intake = await during(() => send(stage, MOST_WEBHOOKS, seconds));
    await stage.client.flushall();
    await send(stage, MESSAGES, 60);
    pids.worker = (await stage.startWorker()).pid;
    const before = await countOf(stage.desk, "comments");
    spans.worker = await during(() => untilCount(stage.desk, "comments", before + MESSAGES / 2));
  } finally {
    await stage.stop();
  }
  const sharesIn = async (of: keyof typeof pids) => sharesOf(await profileOf(folder, pids[of]), spans[of]);
  const result = { intake: await sharesIn("intake"), worker: await sharesIn("worker") };
  await rm(folder, { recursive: true, force: true });
  say(`profile: ${JSON.stringify(result)}`);
  return result;
}

async function send({ port }: PathStage, count: number, seconds: number): Promise<void> {
  await sendLoad({ requests: createWebhooks(PATH, PEOPLE)(count), port, connections: 50, seconds });
}

async function during(work: () => Promise<void>): Promise<Span> {
  const now = () => Number(process.hrtime.bigint() / 1000n);
  const begun = now();
  await work();
  return [begun, now()];
}

/** It is written when the process ends. */
async function profileOf(folder: string, pid: number): Promise<CpuProfile> {
  const file = (await readdir(folder)).find((name) => name.includes(`.${pid}.`));
  if (!file) throw new Error(`process ${pid} left no profile`);
  return JSON.parse(await readFile(path.join(folder, file), "utf8")) as CpuProfile;
}

/** Shares of the busy time within a span, by whose code ran or had asked Node for what ran. */
export function sharesOf(
  { nodes, startTime, samples, timeDeltas }: CpuProfile,
  [begun, ended]: Span,
): Shares {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map<string, number>();
  let total = 0;
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    at += delta;
    const part = partOf(id, byId, parents);
    if (at < begun || at > ended || part === "idle") continue;
    total += delta;
    times.set(part, (times.get(part) ?? 0) + delta);
  }
  return [...times]
    .sort(([, one], [, other]) => other - one)
    .slice(0, SHOWN)
    .map(([part, time]) => ({ part, percent: (100 * time) / total }));
}

/** Our room or somebody's package: the nearest caller that is neither Node's nor native. */
function partOf(
  id: number,
  byId: ReadonlyMap<number, CpuProfile["nodes"][number]["callFrame"]>,
  parents: ReadonlyMap<number, number>,
): string {
  const own = byId.get(id)?.functionName;
  if (own === "(idle)") return "idle";
  if (own === "(garbage collector)") return "garbage collection";
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const url = byId.get(at)?.url ?? "";
    const named = /node_modules\/((?:@[^/]+\/)?[^/]+)|\/dist\/((?:src|connectors)\/[^/]+)/.exec(url);
    if (named) return named[1] ?? named[2]?.replace(/\.js$/, "") ?? "";
  }
  return "Node itself";
}
