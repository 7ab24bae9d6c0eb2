import { readFileSync } from "node:fs";

/** Linux counts in hundredths of a second (`getconf CLK_TCK`). */
const TICK_MICROSECONDS = 10_000;

/** CPU time of a process so far, user and system, in microseconds. Linux only. */
export function cpuTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program, in brackets, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

/** Bytes of memory that a process holds now. */
export function residentBytesOf(pid: number): number {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
