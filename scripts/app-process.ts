import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const built = fileURLToPath(new URL("../dist/src/main.js", import.meta.url));

export interface AppProcess {
  /** Address it listens on. */
  url: string;
  pid: number;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

export interface AppProcessOptions {
  /** Settings file; its port should be 0. */
  config: string;
  role: "all" | "intake" | "worker";
  /** Runs dist/ as the image does, rather than the sources. */
  built?: boolean;
  /** Every log line, as it comes. */
  onLine?(line: string): void;
}

/** Runs `deskferry run` in a process of its own, ready when this resolves. */
export async function startAppProcess(options: AppProcessOptions): Promise<AppProcess> {
  const args = ["run", "--config", options.config, "--role", options.role];
  const child = spawn(process.execPath, [...entry(options.built ?? false), ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await portOf(child, options.onLine);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: () => end(child, "SIGTERM"),
    kill: async () => void (await end(child, "SIGKILL")),
  };
}

function entry(isBuilt: boolean): string[] {
  if (isBuilt && !existsSync(built)) throw new Error("dist/ is missing: npm run build");
  return isBuilt ? [built] : ["--conditions=source", "--import", "tsx", "src/main.ts"];
}

function portOf(child: ChildProcess, onLine: AppProcessOptions["onLine"]): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`deskferry run ended at its start with code ${code}`)));
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      onLine?.(line);
      const { message, port } = JSON.parse(line) as { message: string; port?: number };
      if (message === "started" && port) resolve(port);
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
  return child.exitCode;
}
