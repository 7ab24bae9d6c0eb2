import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

/** Wall time for each millisecond of processor from which on a machine is starved: less than two thirds of one are left. */
const STARVED = 1.5;
const REFERENCE_MS = 20;

/** How much of a processor the machine has left for one more process, measured now. */
export interface MachinePace {
  /** Whether plain arithmetic, which has nothing to do with what was timed, is late in this moment too. */
  isStarved(): boolean;
  /** A little time for what else goes on to end. */
  rest(): Promise<void>;
}

export const machinePace: MachinePace = {
  isStarved: () => slownessNow() >= STARVED,
  rest: () => sleep(400),
};

/** Wall time for each millisecond of processor that this process gets. */
function slownessNow(): number {
  const before = process.cpuUsage();
  const start = performance.now();
  const cpuMs = () => (process.cpuUsage(before).user + process.cpuUsage(before).system) / 1000;
  while (cpuMs() < REFERENCE_MS);
  return (performance.now() - start) / cpuMs();
}
