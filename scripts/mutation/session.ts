import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Job, Message } from "./job.ts";

export interface SessionOptions {
  /** The instrumented copy. */
  tree: string;
  redisUrl: string;
  say: (line: string) => void;
}

export interface Found {
  /** What the test file reaches; undefined when it fails with nothing changed. */
  covered: Set<string> | undefined;
  /** By id: the test that failed, or "timeout". Who is missing was not tried; undefined survived. */
  tried: Map<string, string | undefined>;
}

/** The longest a test file may take for one mutant, if it takes `plain` ms as it is. */
const limitOf = (plain: number) => 4 * plain + 30_000;

/** Tries mutants with one test file. A mutant that never ends costs the process, and the next one goes on after it. */
export async function runSession(test: string, job: Job, options: SessionOptions): Promise<Found> {
  const tried = new Map<string, string | undefined>();
  let covered: Set<string> | undefined;
  for (;;) {
    const left = {
      switched: job.switched.filter((id) => !tried.has(id) && (covered?.has(id) ?? true)),
      written: job.written.filter(({ id }) => !tried.has(id)),
    };
    const { messages, isStuck } = await runOnce(test, left, options);
    const plain = messages.find((one) => one.kind === "plain");
    if (!plain?.passed) {
      options.say(`not asked, because it fails unchanged: ${test}: ${plain?.by ?? "no answer"}`);
      return { covered, tried };
    }
    covered ??= new Set(plain.covered);
    for (const one of messages) if (one.kind === "tried") tried.set(one.id, one.killedBy);
    const last = messages.at(-1);
    if (last?.kind === "begun") tried.set(last.id, isStuck ? "timeout" : `${test}: the process ended`);
    else return { covered, tried };
  }
}

async function runOnce(test: string, job: Job, { tree, redisUrl }: SessionOptions) {
  const [jobFile, out] = [join(tree, "mutation-job.json"), join(tree, "mutation-out.jsonl")];
  rmSync(out, { force: true });
  writeFileSync(jobFile, JSON.stringify(job));
  const originals = new Map(job.written.map(({ path }) => [path, readFileSync(path, "utf8")]));
  const program = join(tree, "node_modules/vitest/vitest.mjs");
  const child = spawn(
    process.execPath,
    [program, "run", "--config", "scripts/mutation/vitest.config.ts", test],
    {
      cwd: tree,
      // A group of its own, so that vitest's workers and what they started go with it.
      detached: true,
      stdio: "ignore",
      env: { ...process.env, REDIS_URL: redisUrl, MUTATION_JOB: jobFile, MUTATION_OUT: out },
    },
  );
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  // Before the folder in which it runs is removed.
  process.prependOnceListener("exit", kill);
  const isStuck = await watch(child, out);
  if (isStuck) kill();
  process.removeListener("exit", kill);
  for (const [path, text] of originals) writeFileSync(path, text);
  return { messages: readMessages(out), isStuck };
}

/** True when nothing new was said for too long. */
async function watch(
  child: { exitCode: number | null; signalCode: string | null },
  out: string,
): Promise<boolean> {
  const begun = Date.now();
  let [said, at, plain] = [0, begun, 180_000];
  while (child.exitCode === null && child.signalCode === null) {
    await wait(50);
    const count = readMessages(out).length;
    if (said === 0 && count > 0) plain = Date.now() - begun;
    if (count !== said) [said, at] = [count, Date.now()];
    if (Date.now() - at > limitOf(plain)) return true;
  }
  return false;
}

function readMessages(out: string): Message[] {
  if (!existsSync(out)) return [];
  const lines = readFileSync(out, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Message);
}
