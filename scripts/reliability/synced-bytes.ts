import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** Watches what a process writes to a file and syncs. */
export interface SyncWatch {
  /** Bytes of the file that were on disk when the process ended: call it after that. */
  synced(): number;
}

/**
 * By strace(1), from Debian's package of that name. `size` are the bytes that are on disk already. A write counts once a
 * sync that began after it has ended: the rest is only in the kernel's memory, and a power cut takes it.
 */
export async function watchSyncs(
  pid: number,
  { file, size, log }: { file: string; size: number; log: string },
): Promise<SyncWatch> {
  const args = ["-f", "-y", "-s", "0", "-e", "trace=write,fdatasync,fsync", "-e", "signal=none", "-o", log];
  const strace = spawn("strace", [...args, "-p", `${pid}`], { stdio: ["ignore", "ignore", "pipe"] });
  const attached = once(strace.stderr, "data");
  const failed = once(strace, "error").then(([error]) => {
    throw new Error(`strace is needed to see what was synced: apt-get install strace (${String(error)})`);
  });
  await Promise.race([attached, failed]);
  return { synced: () => syncedIn(readFileSync(log, "utf8"), file, size) };
}

const CALL = /^(\d+) +(write|fdatasync|fsync)\(\d+<(.+?)>(?:.*\) += (-?\d+)| *.*<unfinished \.\.\.>)$/;
const RESUMED = /^(\d+) +<\.\.\. (write|fdatasync|fsync) resumed>.*\) += (-?\d+)$/;

/** Of strace's lines, threads apart: `<unfinished ...>` and `<... resumed>` belong together by their thread. */
export function syncedIn(log: string, file: string, size: number): number {
  const begun = new Map<string, { ofFile: boolean; written: number }>();
  let written = size;
  let synced = size;
  function ended(
    call: string,
    { ofFile, written: then }: { ofFile: boolean; written: number },
    result: number,
  ) {
    if (!ofFile || result < 0) return;
    if (call === "write") written += result;
    else synced = Math.max(synced, then);
  }
  for (const line of log.split("\n")) {
    const [, thread = "", call = "", path = "", result] = CALL.exec(line) ?? [];
    if (call) {
      const one = { ofFile: path === file, written };
      if (result === undefined) begun.set(thread, one);
      else ended(call, one, Number(result));
      continue;
    }
    const [, resumedThread = "", resumed = "", resumedResult] = RESUMED.exec(line) ?? [];
    const one = begun.get(resumedThread);
    if (!one || !resumed) continue;
    begun.delete(resumedThread);
    ended(resumed, one, Number(resumedResult));
  }
  return synced;
}
