import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { PackedLookups } from "./lookups/read-lookups.ts";
import { type ChildMessage, KNOWN_VERSIONS, type Verdict } from "./protocol.ts";
import { type Content, createRequests } from "./requests.ts";
import type { Overrun } from "./time-limit.ts";

/** What to evaluate; without `input` (JSON text) it is only compiled. */
export interface Work {
  version: string;
  source: string;
  /** Of the source's folder. */
  lookups?: PackedLookups;
  input?: string;
  /** The verdict is to tell which branches were taken; the same for all work of a version. */
  cover?: true;
  /** Characters of JSON that the result may have, where it may be longer than a mapping's. */
  resultLength?: number;
}

/** One child process. It handles its work piece by piece, in the order in which it got it, so that a crash has one culprit. */
export interface Worker {
  state(): "starting" | "ready" | "gone";
  /** Pieces of work that it was given and has not answered. */
  inHand(): number;
  /**
   * Only when ready. Never rejects: a child that dies or takes longer than `limitMs` is a verdict too. The time begins
   * when what was given before is answered. "not begun": it died of that.
   */
  evaluate(work: Work, limitMs: number): Promise<Verdict | "not begun">;
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

/** A file is compiled once in each child, apart from its first evaluation, whose limit stays what it is. */
const COMPILE_LIMIT_MS = 1000;
const START_LIMIT_MS = 15_000;

export function startWorker({ memoryMb, onChange }: WorkerOptions): Worker {
  const child = forkChild(memoryMb);
  const sent = createSentFiles();
  let phase: "starting" | "ready" | "gone" = "starting";
  let complaint = "";
  let inHand = 0; // Also between compiling and evaluating, when nothing is asked for a moment.
  let isStrained = false;
  let overrun: Overrun | undefined;
  const requests = createRequests(child, (how) => {
    overrun = how;
    child.kill("SIGKILL");
  });
  const startTimer = setTimeout(() => child.kill("SIGKILL"), START_LIMIT_MS);

  function leave(signal?: NodeJS.Signals | null): void {
    if (phase === "gone") return;
    phase = "gone";
    clearTimeout(startTimer);
    requests.ended(endVerdict({ overrun, signal, isStrained }));
    onChange();
  }

  async function carryOut({ input, ...file }: Work, limitMs: number): Promise<Verdict | "not begun"> {
    if (!sent.compiled.has(file.version)) {
      const compiled = await requests.ask(sent.contentOf(file), Math.max(COMPILE_LIMIT_MS, limitMs));
      if (compiled === "not begun" || !compiled.ok) return compiled;
      remember(sent.compiled, file.version);
    }
    return input === undefined ? { ok: true } : requests.ask(evaluationOf(file, input), limitMs);
  }

  child.on("message", (message: ChildMessage) => {
    if ("ready" in message) {
      phase = "ready";
      clearTimeout(startTimer);
      onChange();
    } else {
      isStrained ||= isLimit(message.verdict);
      requests.answered(message.id, message.verdict);
    }
  });
  child.on("error", (error) => {
    complaint += error.message;
    leave();
  });
  child.on("exit", (_code, signal) => leave(signal));
  child.stderr?.on("data", (data: Buffer) => {
    if (phase === "starting" && complaint.length < 2000) complaint += data.toString();
  });

  return {
    state: () => phase,
    inHand: () => inHand,
    complaint: () => complaint.trim(),
    evaluate: async (work, limitMs) => {
      inHand += 1;
      const verdict = await carryOut(work, limitMs);
      inHand -= 1;
      return verdict;
    },
    kill: () => kill(child),
  };
}

function evaluationOf({ version, resultLength }: Omit<Work, "input">, input: string): Content {
  return { version, input, resultLength };
}

/** A child keeps its last versions only. */
function remember(known: Set<string>, version: string): void {
  if (known.size >= KNOWN_VERSIONS) known.clear();
  known.add(version);
}

/** What a child has. Lookups go whole only when it got others last: they can be large, and files of a folder share them. */
function createSentFiles() {
  let held: string | undefined;
  return {
    compiled: new Set<string>(),
    contentOf({ lookups, ...file }: Omit<Work, "input">): Content {
      if (!lookups) return file;
      const isHeld = lookups.version === held;
      held = lookups.version;
      return { ...file, lookups: isHeld ? { version: lookups.version } : lookups };
    },
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

/** How a child ended. Strained: something in it had come to a limit before, and may have left it hardly any memory. */
interface End {
  overrun: Overrun | undefined;
  signal: NodeJS.Signals | null | undefined;
  isStrained: boolean;
}

/**
 * V8 ends a process out of memory itself; a kill from outside may be the machine's distress, and worth a second try. So is
 * a death in a strained child: it may be the fault of what was there before.
 */
function endVerdict({ overrun, signal, isStrained }: End): Verdict {
  const reason =
    overrun === undefined
      ? "its process died, most likely out of memory. Look for large ranges, long texts or deep recursion"
      : "it took too long and was stopped. Look for recursion without an end, large ranges or long texts";
  const isOthersFault = isStrained || (signal ?? "SIGKILL") === "SIGKILL";
  const retry = overrun === "stalled" || (overrun === undefined && isOthersFault);
  return { ok: false, failure: { kind: "limit", reason, ...(retry ? { retry } : {}) } };
}

function isLimit(verdict: Verdict): boolean {
  return !verdict.ok && verdict.failure.kind === "limit";
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
