import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ChildMessage, EvaluationRequest, Verdict } from "./protocol.ts";

export interface PoolOptions {
  /** Child processes. */
  children: number;
  /** Milliseconds for one evaluation in a warm child. */
  timeoutMs: number;
  /** Old space of V8 per child. */
  memoryMb: number;
}

/** What to evaluate; without `input` it is only compiled. */
export interface Work {
  version: string;
  source: string;
  input?: string;
}

export interface Pool {
  /** Rejects only when no child can be started or the pool was closed; everything else is a verdict. */
  run(work: Work): Promise<Verdict>;
  close(): Promise<void>;
}

interface Job extends Work {
  id: number;
  attempts: number;
  resolve(verdict: Verdict): void;
  reject(error: Error): void;
}

interface Slot {
  child: ChildProcess;
  ready: boolean;
  known: Set<string>;
  job?: Job;
  timer?: NodeJS.Timeout;
  overrun: boolean;
  /** What it said before it was ready: the reason when it never is. */
  complaint: string;
}

/** The first evaluation in a fresh child also pays for compiling both the mapping and our own code. */
const WARM_UP_MS = 1000;
/** A stall of the machine must not pass for a fault of the mapping: the second try gets more time. */
const SECOND_TRY_FACTOR = 4;
const START_LIMIT_MS = 15_000;
const MAX_FAILED_STARTS = 3;

/**
 * Child processes that evaluate mappings, because nothing inside a process stops JSONata: recursion, long strings
 * and large sequences end the process or block it, in a worker thread as well.
 */
export function createPool(options: PoolOptions): Pool {
  const slots = new Set<Slot>();
  const queue: Job[] = [];
  let nextId = 1;
  let failedStarts = 0;
  let closed = false;

  function pump(): void {
    for (const slot of slots) {
      if (queue.length === 0) return;
      if (slot.ready && !slot.job) assign(slot, queue.shift());
    }
    const starting = [...slots].filter((slot) => !slot.ready).length;
    if (queue.length > starting && slots.size < options.children) start();
  }

  function assign(slot: Slot, job: Job | undefined): void {
    if (!job) return;
    const { id, version, source, input } = job;
    const fresh = !slot.known.has(version);
    const limit = options.timeoutMs * (job.attempts > 0 ? SECOND_TRY_FACTOR : 1) + (fresh ? WARM_UP_MS : 0);
    slot.job = job;
    slot.known.add(version);
    slot.timer = setTimeout(() => expire(slot, job), limit);
    const request: EvaluationRequest = { id, version, timeoutMs: Math.ceil(limit * 0.8) };
    if (fresh) request.source = source;
    if (input !== undefined) request.input = input;
    // A child that is gone already is dealt with by its exit.
    slot.child.send(request, () => undefined);
  }

  function expire(slot: Slot, job: Job): void {
    // The answer may be waiting in the pipe because we were the slow ones: read it before judging.
    setImmediate(() => {
      if (slot.job !== job) return;
      slot.overrun = true;
      slot.child.kill("SIGKILL");
    });
  }

  function receive(slot: Slot, message: ChildMessage): void {
    if ("ready" in message) {
      slot.ready = true;
      failedStarts = 0;
      clearTimeout(slot.timer);
    } else if (slot.job?.id === message.id) {
      const { job } = slot;
      release(slot);
      settle(job, message.verdict);
    }
    pump();
  }

  function release(slot: Slot): void {
    clearTimeout(slot.timer);
    delete slot.job;
  }

  function settle(job: Job, verdict: Verdict): void {
    job.attempts += 1;
    const again = !verdict.ok && verdict.failure.overrun === true && job.attempts < 2;
    if (again) queue.unshift(job);
    else job.resolve(verdict);
  }

  function leave(slot: Slot): void {
    if (!slots.delete(slot)) return;
    const { job } = slot;
    release(slot);
    if (closed) {
      job?.reject(new Error("the mapper was closed"));
      return;
    }
    if (job) settle(job, killedVerdict(slot.overrun));
    else if (!slot.ready) refuseToStart(slot);
    pump();
  }

  function refuseToStart(slot: Slot): void {
    failedStarts += 1;
    if (failedStarts < MAX_FAILED_STARTS) return;
    failedStarts = 0;
    const error = new Error(`the child process for mappings does not start: ${slot.complaint.slice(0, 500)}`);
    for (const job of queue.splice(0)) job.reject(error);
  }

  function start(): void {
    const slot: Slot = {
      child: forkChild(options.memoryMb),
      ready: false,
      known: new Set(),
      overrun: false,
      complaint: "",
    };
    slots.add(slot);
    slot.timer = setTimeout(() => slot.child.kill("SIGKILL"), START_LIMIT_MS);
    slot.child.on("message", (message) => receive(slot, message as ChildMessage));
    slot.child.on("error", (error) => {
      slot.complaint += error.message;
      leave(slot);
    });
    slot.child.on("exit", () => leave(slot));
    slot.child.stderr?.on("data", (data: Buffer) => {
      if (!slot.ready && slot.complaint.length < 2000) slot.complaint += data.toString();
    });
  }

  return {
    run: (work) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new Error("the mapper was closed"));
          return;
        }
        queue.push({ ...work, id: nextId++, attempts: 0, resolve, reject });
        pump();
      }),
    close: async () => {
      closed = true;
      for (const job of queue.splice(0)) job.reject(new Error("the mapper was closed"));
      await Promise.all([...slots].map(stop));
    },
  };
}

function stop(slot: Slot): Promise<void> {
  return new Promise((resolve) => {
    if (slot.child.exitCode !== null || slot.child.signalCode !== null) resolve();
    slot.child.once("exit", () => resolve());
    slot.child.kill("SIGKILL");
  });
}

function killedVerdict(overrun: boolean): Verdict {
  const reason = overrun
    ? "it took too long and was stopped. Look for recursion without an end, large ranges or long strings"
    : "its process died, most likely out of memory. Look for large ranges, long strings or deep recursion";
  return { ok: false, failure: { kind: "limit", reason, overrun: true } };
}

/**
 * The environment is empty, because it holds our secrets. Run from the sources, the child needs tsx; built, it does
 * not. Our own flags are not inherited: `--inspect` would fight for the port.
 */
function forkChild(memoryMb: number): ChildProcess {
  const fromSource = import.meta.url.endsWith(".ts");
  const entry = fileURLToPath(new URL(fromSource ? "./child.ts" : "./child.js", import.meta.url));
  const loader = fromSource ? ["--import", tsxAddress()] : [];
  return fork(entry, [], {
    env: {},
    execArgv: [`--max-old-space-size=${memoryMb}`, ...loader],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

function tsxAddress(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
}
