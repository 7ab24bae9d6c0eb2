import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface BenchProcess {
  port: number;
  pid: number;
  stop(): void;
}

/** Runs one of our scripts in a process of its own; resolves once it prints `{"port": …}`. */
export function startProcess(script: string, args: string[] = []): Promise<BenchProcess> {
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${script} ended with code ${code}`)));
    createInterface({ input: child.stdout }).once("line", (line) => {
      const { port } = JSON.parse(line) as { port: number };
      resolve({ port, pid: child.pid ?? 0, stop: () => void child.kill("SIGKILL") });
    });
  });
}
