import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

export interface GroupOptions {
  command: string;
  args: string[];
  log: string;
  /** Ends the group at once. */
  signal: NodeJS.Signals;
  cwd?: string;
}

/** A process and its children, which must not outlive a test run that dies. */
export async function startGroup({ command, args, log, signal, cwd = "/" }: GroupOptions) {
  const file = await open(log, "a");
  const child = spawn(command, args, { cwd, detached: true, stdio: ["ignore", file.fd, file.fd] });
  await file.close();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const end = () => {
    if (child.pid !== undefined && !hasEnded()) process.kill(-child.pid, signal);
  };
  process.once("exit", end);
  return {
    async until(isReady: () => Promise<boolean>, name: string) {
      const deadline = Date.now() + 60_000;
      while (!(await isReady())) {
        if (hasEnded() || Date.now() > deadline) {
          end();
          throw new Error(`${name} did not start:\n${(await readFile(log, "utf8")).slice(-2000)}`);
        }
        await wait(100);
      }
    },
    async stop() {
      process.removeListener("exit", end);
      end();
      await ended;
    },
  };
}
