import { type Run, runOf } from "../parts.ts";
import type { GrowthOptions } from "./latency.ts";
import {
  type ConnectionsCurve,
  connectionsCurve,
  type MappingPoint,
  mappingCurve,
} from "./process-curves.ts";
import {
  type Drain,
  drainAfterOutage,
  type IdlePoint,
  idleCurve,
  type WaitingPoint,
  waitingCurve,
} from "./redis-curves.ts";

/** How latency and memory grow with what is kept. */
export interface Growth {
  run: Run;
  idle: IdlePoint[];
  waiting: WaitingPoint[];
  connections: ConnectionsCurve;
  mapping: MappingPoint[];
  drain: Drain;
}

/** One curve after the other; some minutes, most of them to write idle conversations. */
export async function benchGrowth(options: GrowthOptions): Promise<Growth> {
  return {
    run: runOf({ rounds: 3, seconds: 2 }),
    connections: await connectionsCurve(options),
    mapping: await mappingCurve(options),
    drain: await drainAfterOutage(options),
    waiting: await waitingCurve(options),
    idle: await idleCurve(options),
  };
}

/** What one more costs, by the last two points of a curve. */
export function bytesOfOneMore(points: readonly { size: number; bytes: number }[]): number {
  const [before, last] = points.slice(-2);
  if (!before || !last) return Number.NaN;
  return (last.bytes - before.bytes) / (last.size - before.size);
}
