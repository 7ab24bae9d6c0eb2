import { readFileSync } from "node:fs";

/** USER_HZ of Linux, the unit of /proc/PID/stat, on all architectures that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Milliseconds of processor that a process has used since its start; undefined where there is no /proc. */
export function cpuMsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [user, system] = [Number(fields[11]), Number(fields[12])];
    return ((user + system) * 1000) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}
