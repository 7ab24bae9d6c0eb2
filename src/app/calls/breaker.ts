import CircuitBreaker from "opossum";
import { asFailure } from "../../domain/failure.ts";

type Work = () => Promise<unknown>;

const RESET_MS = 15_000;

const OPTIONS = {
  // The HTTP client has deadlines of its own.
  timeout: false,
  // Longer than a call may take: an operation is counted when it begins, and a helpdesk that hangs fails it 20 s later.
  rollingCountTimeout: 30_000,
  rollingCountBuckets: 15,
  volumeThreshold: 10,
  errorThresholdPercentage: 50,
  resetTimeout: RESET_MS,
  // Whoever refuses one record is there.
  errorFilter: (error: unknown) => !isOutage(error),
} as const;

function isOutage(error: unknown): boolean {
  const kind = asFailure(error)?.kind;
  return kind === "unavailable" || kind === "ambiguous";
}

/** Thrown instead of calling: the other side has failed too often of late. */
export class BreakerOpen extends Error {}

/**
 * Spares a helpdesk that does not answer, and those who would wait for it: when more than half of ten or more operations
 * of the last 30 s failed, nothing is called for 15 s; then one operation tries. Per process: each finds out for itself.
 * `changed` is told when it trips and when an operation went well again. The library has no other clock than the system's.
 */
export function createBreaker(changed: (isOpen: boolean) => void) {
  let openedAt = 0;
  const circuit = new CircuitBreaker((work: Work) => work(), OPTIONS);
  circuit.on("open", () => {
    openedAt = Date.now();
    changed(true);
  });
  circuit.on("close", () => changed(false));
  return {
    /** Milliseconds for which nothing is called; 0 when a call may be tried. */
    waitMs: () => (circuit.opened ? Math.max(1, RESET_MS - (Date.now() - openedAt)) : 0),
    isOpen: () => !circuit.closed,
    async run<T>(work: () => Promise<T>): Promise<T> {
      try {
        return (await circuit.fire(work)) as T;
      } catch (error) {
        throw isRefusal(error) ? new BreakerOpen() : error;
      }
    },
    /** What was wrong may just have been mended. */
    close: () => circuit.close(),
    /** Ends its timers. */
    shutdown: () => circuit.shutdown(),
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EOPENBREAKER";
}
