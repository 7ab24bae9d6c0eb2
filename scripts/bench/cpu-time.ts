import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second (`getconf CLK_TCK`). */
const TICK_MICROSECONDS = 10_000;

/** CPU time of a process so far, user and system, in microseconds. Linux only. */
export function cpuTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program, in brackets, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

/** The same of a process and of those it has started: Deskferry's mappings run in children. */
export function cpuTimeWithChildren(pid: number): number {
  return cpuTimeOf(pid) + childrenOf(pid).reduce((sum, child) => sum + cpuTimeWithChildren(child), 0);
}

/** Processes that a process has started and that still run. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
    return children.split(" ").filter(Boolean).map(Number);
  });
}

/** Bytes of memory that a process holds now. */
export function residentBytesOf(pid: number): number {
  return bytesOf(pid, "VmRSS");
}

/** The most that a process has held so far: what it holds now depends on when its garbage was last collected. */
export function mostResidentBytesOf(pid: number): number {
  return bytesOf(pid, "VmHWM");
}

function bytesOf(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, kilobytes = "0"] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status) ?? [];
  return Number(kilobytes) * 1024;
}
