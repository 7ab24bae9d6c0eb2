import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keys } from "../../src/store/keys.ts";
import { cpuTimeWithChildren } from "./cpu-time.ts";
import { sendLoad } from "./load.ts";
import { writeMappingOf } from "./mapping-folder.ts";
import { type BenchOptions, inTurn } from "./options.ts";
import { CHANNEL, countOf, openPathStage, PATH, type PathStage } from "./path-stage.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import { createWebhooks } from "./webhooks.ts";

/** Or why it could not be measured. */
export type WorkersResult = Record<Way, Handled> | { notMeasured: string };

/** By one worker or by two together. */
export interface Handled {
  /** Messages a second. */
  perSecond: Spread;
  /** Cores that workers and their children had: less than there are workers where the machine did other work. */
  cores: Spread;
}

type Way = "one" | "two";

const PEOPLE = 500;
/** Rules that each message goes through: some milliseconds. */
const LINES = 1000;
/** More than two workers handle while they are measured. */
const PREPARED_PER_SECOND = 1200;
/** From when the workers are ready until they are measured: mappings are compiled, connections made. */
const WARM_UP_MS = 1500;

/**
 * A worker on one core, and two on a core each, where mappings are what takes the time. The mailboxes are filled before,
 * so that nothing else runs but Redis and the helpdesk, and those are free to take either core.
 */
export async function benchWorkers({ rounds, seconds, say }: BenchOptions): Promise<WorkersResult> {
  const reason = whyNot();
  if (reason) {
    say(`workers: not measured, ${reason}`);
    return { notMeasured: reason };
  }
  const mapping = await mkdtemp(path.join(tmpdir(), "deskferry-bench-mapping-"));
  await writeMappingOf(LINES, mapping);
  const stage = await openPathStage({ mapping });
  const measured: Record<Way, Measured[]> = { one: [], two: [] };
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const way of inTurn(["one", "two"] as const, round)) {
        const one = await measure(stage, way === "one" ? [0] : [0, 1], seconds);
        if (round > 0) measured[way].push(one);
        const figures = `${one.perSecond.toFixed(0)} messages/s on ${one.cores.toFixed(2)} cores`;
        say(`round ${round} of ${rounds}, ${way} worker(s): ${figures}`);
      }
    }
    return { one: handled(measured.one), two: handled(measured.two) };
  } finally {
    await stage.stop();
    await rm(mapping, { recursive: true, force: true });
  }
}

function whyNot(): string | undefined {
  if (availableParallelism() < 2) return "there is one core only";
  const { status } = spawnSync("taskset", ["--version"], { stdio: "ignore" });
  return status === 0 ? undefined : "taskset (package util-linux) is missing";
}

interface Measured {
  perSecond: number;
  cores: number;
}

function handled(rounds: readonly Measured[]): Handled {
  return {
    perSecond: spreadOf(rounds.map(({ perSecond }) => perSecond)),
    cores: spreadOf(rounds.map(({ cores }) => cores)),
  };
}

async function measure(stage: PathStage, cores: readonly number[], seconds: number): Promise<Measured> {
  await stage.client.flushall();
  const requests = createWebhooks(PATH, PEOPLE)(PREPARED_PER_SECOND * (seconds + 2 * (WARM_UP_MS / 1000)));
  await sendLoad({ requests, port: stage.port, connections: 50, seconds: 60 });
  const workers = await Promise.all(cores.map((core) => stage.startWorker({ core })));
  try {
    await sleep(WARM_UP_MS);
    const cpuOf = () => workers.reduce((sum, { pid }) => sum + cpuTimeWithChildren(pid), 0);
    const [comments, cpu, begun] = [await countOf(stage.desk, "comments"), cpuOf(), performance.now()];
    await sleep(seconds * 1000);
    const done = (await countOf(stage.desk, "comments")) - comments;
    const passed = (performance.now() - begun) / 1000;
    if (await isEmpty(stage)) throw new Error("the mailboxes were empty before the end");
    return { perSecond: done / passed, cores: (cpuOf() - cpu) / 1e6 / passed };
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}

async function isEmpty({ client }: PathStage): Promise<boolean> {
  return (await client.scard(keys.pending(CHANNEL, "in"))) === 0;
}
