import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ChildMessage, EvaluationRequest, Verdict } from "./protocol.ts";

/** What to evaluate; without `input` (JSON text) it is only compiled. */
export interface Work {
  version: string;
  source: string;
  input?: string;
}

/** One child process. It handles one piece of work at a time, so that a crash has one culprit. */
export interface Worker {
  state(): "starting" | "idle" | "busy" | "gone";
  /** Only when idle. Never rejects: a child that dies or takes longer than `limitMs` is a verdict too. */
  evaluate(work: Work, limitMs: number): Promise<Verdict>;
  /** What it said before it was ready: the reason when it never is. */
  complaint(): string;
  kill(): Promise<void>;
}

export interface WorkerOptions {
  /** Old space of V8. */
  memoryMb: number;
  /** Called when it has become ready or is gone. */
  onChange(): void;
}

/** The first evaluation of a file in a child also pays for compiling it and for cold code of our own. */
const WARM_UP_MS = 1000;
const START_LIMIT_MS = 15_000;

interface Pending {
  id: number;
  timer: NodeJS.Timeout;
  resolve(verdict: Verdict): void;
}

export function startWorker({ memoryMb, onChange }: WorkerOptions): Worker {
  const child = forkChild(memoryMb);
  const known = new Set<string>();
  let phase: "starting" | "ready" | "gone" = "starting";
  let complaint = "";
  let pending: Pending | undefined;
  let overrun = false;
  let nextId = 1;
  const startTimer = setTimeout(() => child.kill("SIGKILL"), START_LIMIT_MS);

  function finish(verdict: Verdict): void {
    const done = pending;
    pending = undefined;
    clearTimeout(done?.timer);
    done?.resolve(verdict);
  }

  function leave(): void {
    if (phase === "gone") return;
    phase = "gone";
    clearTimeout(startTimer);
    finish(killedVerdict(overrun));
    onChange();
  }

  function expire(id: number): void {
    // The answer may be waiting in the pipe because we were the slow ones: read it before judging.
    setImmediate(() => {
      if (pending?.id !== id) return;
      overrun = true;
      child.kill("SIGKILL");
    });
  }

  child.on("message", (message: ChildMessage) => {
    if ("ready" in message) {
      phase = "ready";
      clearTimeout(startTimer);
      onChange();
    } else if (message.id === pending?.id) {
      finish(message.verdict);
    }
  });
  child.on("error", (error) => {
    complaint += error.message;
    leave();
  });
  child.on("exit", leave);
  child.stderr?.on("data", (data: Buffer) => {
    if (phase === "starting" && complaint.length < 2000) complaint += data.toString();
  });

  return {
    state: () => (phase === "ready" ? (pending ? "busy" : "idle") : phase),
    complaint: () => complaint.trim(),
    evaluate: ({ version, source, input }, limitMs) => {
      const fresh = !known.has(version);
      const limit = limitMs + (fresh ? WARM_UP_MS : 0);
      const id = nextId++;
      // Its own limit comes first, so that an ordinary endless loop costs no process.
      const request: EvaluationRequest = { id, version, timeoutMs: Math.ceil(limit * 0.8) };
      if (fresh) request.source = source;
      if (input !== undefined) request.input = input;
      known.add(version);
      return new Promise((resolve) => {
        pending = { id, resolve, timer: setTimeout(() => expire(id), limit) };
        // Sending to a child that is gone fails; its exit gives the verdict.
        child.send(request, () => undefined);
      });
    },
    kill: () => kill(child),
  };
}

function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}

function killedVerdict(overrun: boolean): Verdict {
  const reason = overrun
    ? "it took too long and was stopped. Look for recursion without an end, large ranges or long texts"
    : "its process died, most likely out of memory. Look for large ranges, long texts or deep recursion";
  return { ok: false, failure: { kind: "limit", reason, retry: true } };
}

/**
 * The environment is empty, because ours holds secrets. Run from the sources the child needs tsx; built, it does not.
 * Our own flags are not inherited: `--inspect` would fight for the port.
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
