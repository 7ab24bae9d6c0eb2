import { readFileSync } from "node:fs";
import { BUSY_SHARE } from "./protocol.ts";

/** USER_HZ of Linux, the unit of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;
/** So much of the limit passes before the use of the processor is looked at for the first time: most never get there. */
const FIRST_LOOK = 0.2;

/** How a process came to its limit: at work, or kept waiting by a busy machine. */
export type Overrun = "busy" | "stalled";

/** Calls `over` once when `limitMs` have passed, unless the returned function is called before. */
export function startLimit(pid: number, limitMs: number, over: (how: Overrun) => void): () => void {
  let timer = setTimeout(() => {
    const before = cpuMsOf(pid);
    timer = setTimeout(
      () => {
        const now = cpuMsOf(pid);
        const used = before === undefined || now === undefined ? 0 : now - before;
        over(used >= limitMs * BUSY_SHARE ? "busy" : "stalled");
      },
      limitMs * (1 - FIRST_LOOK),
    );
  }, limitMs * FIRST_LOOK);
  return () => clearTimeout(timer);
}

/** Milliseconds of processor that a process has used since its start; undefined where there is no /proc. */
function cpuMsOf(pid: number): number | undefined {
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
