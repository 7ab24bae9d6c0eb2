// npm run demo: opens the page and stays until Ctrl-C. npm run demo -- --once: plays one conversation and tells how it went.
import { parseArgs } from "node:util";
import { isOk, play, table } from "./demo-play.ts";
import { type Stage, startStage } from "./demo-stage.ts";

const SLOW_MS = 2000;
/** The whole of --once, installation of Redis aside. */
const ONCE_MS = 120_000;

/** Runs a step and tells about it: at once when it is done, every two seconds while it is not. */
async function step<T>(what: string, work: Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(1);
  const timer = setInterval(() => process.stderr.write(`… ${what} (${seconds()} s so far)\n`), SLOW_MS);
  try {
    const result = await work;
    process.stderr.write(`✓ ${what} (${seconds()} s)\n`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

function interrupted(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => resolve(signal));
  });
}

async function playOnce(stage: Stage): Promise<number> {
  const findings = await play({ stage, step });
  process.stdout.write(`\n${table(findings)}\n`);
  const failed = findings.filter((each) => !isOk(each)).length;
  process.stdout.write(
    failed === 0 ? "\nAll as it should be.\n" : `\n${failed} of ${findings.length} not ok.\n`,
  );
  return failed === 0 ? 0 : 1;
}

async function stayOpen(stage: Stage): Promise<number> {
  process.stdout.write(
    `\nOpen ${stage.pageUrl}\n\nWrite on the phone at the left, answer in the helpdesk at the right. Ctrl-C ends it.\n`,
  );
  return new Promise(() => undefined);
}

async function afterDeadline(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not done within ${ms / 1000} s`)), ms).unref();
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { once: { type: "boolean", default: false }, port: { type: "string", default: "0" } },
  });
  const signal = interrupted().then(() => 0);
  const starting = startStage({ step, port: Number(values.port) });
  const stage = await Promise.race([starting, signal]);
  if (typeof stage === "number") return (await starting).stop().then(() => stage);
  const broken = stage.broken.then((reason) => {
    throw new Error(reason);
  });
  try {
    const work = values.once ? Promise.race([playOnce(stage), afterDeadline(ONCE_MS)]) : stayOpen(stage);
    return await Promise.race([work, signal, broken]);
  } catch (error) {
    process.stderr.write(`\nLast lines of the log:\n${stage.lastLines()}\n\n`);
    throw error;
  } finally {
    process.stderr.write("Stopping …\n");
    await stage.stop();
  }
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : "unknown error"}\n`);
  process.exit(1);
}
