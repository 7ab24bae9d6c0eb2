import type { GuaranteeId } from "./contract.ts";
import type { RunHead } from "./result.ts";

/** How a row is measured. */
export interface RowOptions {
  seed: number;
  /** A smaller run, which still fails when the protecting line is missing. */
  quick: boolean;
  /** A line of progress. */
  say(line: string): void;
}

export interface Measured {
  id: GuaranteeId;
  /** How much was looked at: `{ "acknowledged events": 6000 }`. */
  n: Record<string, number>;
  /** What was counted or timed; names say the unit. */
  figures: Record<string, number>;
  /** Whether the figures keep the promise. */
  passed: boolean;
}

/** A measured row as it is stored in docs/reliability/guarantees.json. */
export interface StoredRow extends Measured, RunHead {
  seed: number;
}

/** One setting may tell of several guarantees. */
export type MeasureRow = (options: RowOptions) => Promise<Measured[]>;
