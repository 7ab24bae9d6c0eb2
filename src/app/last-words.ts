import { framesOf } from "../telemetry/frames.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Time for the line to get out. */
const GOODBYE_MS = 100;

/**
 * An error outside of every handler ends the process, as without us: nobody knows what state it is in, and what it had in
 * hand goes on elsewhere. But Node would print the error's message, and with it what a person wrote.
 */
export function endOnUnforeseen(logger: Logger): void {
  const end = (error: unknown) => {
    const kind = error instanceof Error ? error.name : typeof error;
    const stack = error instanceof Error ? { stack: framesOf(error) } : {};
    logger.error("an unforeseen error outside of any handler; the process ends", { kind, ...stack });
    setTimeout(() => process.exit(1), GOODBYE_MS);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}
