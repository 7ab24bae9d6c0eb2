import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./ensure-built.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = ["--conditions=source", "--import", "tsx", "src/main.ts"];
const built = "dist/src/main.js";
/** Deskferry drains for up to 10 s; then it is ended. */
const STOP_MS = 12_000;

export interface DeskferryProcess {
  /** Address it listens on. */
  url: string;
  pid: number;
  /** SIGTERM, and SIGKILL if that does not help; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  /** Runs dist/ as the image does, rather than the sources. */
  built?: boolean;
  /** Where the sources are, of another version; this one's unless said. */
  folder?: string;
  /** Runs this main file instead. */
  program?: string;
  /** Runs on this core only, and its children with it. Needs taskset, of util-linux. */
  core?: number;
  /** Of Node. */
  flags?: string[];
  /** Variables besides our own. */
  env?: Record<string, string>;
  /** Every line of output, as it comes. */
  onLine?(line: string): void;
  /** What it says on stderr, instead of passing it on. */
  onError?(text: string): void;
  /** It ended although nobody asked it to. */
  onEnd?(how: string): void;
}

/** Runs `deskferry ARGS…` in a process of its own; resolves once it says that it listens. */
export async function startDeskferry(
  args: string[],
  options: ProcessOptions = {},
): Promise<DeskferryProcess> {
  if (options.built && !options.program) ensureBuilt();
  const program = options.program ? [options.program] : options.built ? [built] : sources;
  const pin = options.core === undefined ? [] : ["taskset", "--cpu-list", String(options.core)];
  const [command, ...words] = [...pin, process.execPath, ...(options.flags ?? []), ...program, ...args];
  const child = spawn(command ?? process.execPath, words, {
    cwd: options.folder ?? root,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", options.onError ? "pipe" : "inherit"],
  });
  child.stderr?.on("data", (chunk: Buffer) => options.onError?.(chunk.toString()));
  let isEnding = false;
  child.once("exit", (code, signal) => {
    if (!isEnding) options.onEnd?.(`deskferry ${args[0]} ended by itself (${signal ?? code})`);
  });
  const end = (signal: NodeJS.Signals) => {
    isEnding = true;
    return endWith(child, signal);
  };
  return {
    url: await addressOf(child, args, options),
    pid: child.pid ?? 0,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}

/** The servers of the sandbox print `{"listening": url}`; `run` logs `started` with its port. */
function addressOf(child: ChildProcess, args: string[], { onLine }: ProcessOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`deskferry ${args.join(" ")} ended with code ${code}`)));
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      onLine?.(line);
      const said = JSON.parse(line) as { listening?: string; message?: string; port?: number };
      if (said.listening) resolve(said.listening);
      if (said.message === "started" && said.port) resolve(`http://127.0.0.1:${said.port}`);
    });
  });
}

async function endWith(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = once(child, "exit");
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await gone;
  clearTimeout(timer);
  return child.exitCode;
}
