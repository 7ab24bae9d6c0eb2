/** How a part of the bench is to run. */
export interface BenchOptions {
  /** Besides one to warm up. */
  rounds: number;
  /** Of each measurement. */
  seconds: number;
  say(line: string): void;
}

/**
 * Those that are compared, in the order of a round. Every other round goes backwards, so that who comes first, or after
 * whom, favours nobody.
 */
export function inTurn<T>(all: readonly T[], round: number): T[] {
  return round % 2 === 0 ? [...all] : all.toReversed();
}
