/** What goes wrong between two programs; nothing, as long as none is set. Times in milliseconds, shares from 0 to 1. */
export interface Faults {
  /** Every piece, either way, comes this much later. */
  latencyMs?: number;
  /** And up to this much more, evenly spread. The order stays. */
  jitterMs?: number;
  /** Share of pieces that get lost and come by TCP's second try, 200 ms later. */
  loss?: number;
  /** Nothing gets through either way, while connections are accepted and stay open. It goes on when this ends. */
  silent?: boolean;
  /** New connections are reset at once. */
  refuse?: boolean;
  /** Answers come in pieces of so many bytes, with a pause between two. */
  drip?: { bytes: number; everyMs: number };
  /** After so many bytes of answers the connection is reset, in the middle of an answer. */
  cutAfter?: number;
  /** Share of pieces of answers instead of which the connection is reset: what was asked for has been done. */
  cutAnswers?: number;
}

/** TCP's shortest time until it sends a lost piece again. */
const AGAIN_MS = 200;

/** How much later a piece comes. */
export function delayOf({ latencyMs = 0, jitterMs = 0, loss = 0 }: Faults, random: () => number): number {
  const again = loss > 0 && random() < loss ? AGAIN_MS : 0;
  return latencyMs + jitterMs * (jitterMs > 0 ? random() : 0) + again;
}

/** A piece of an answer as it drips. */
export function dripsOf(piece: Buffer, { drip }: Faults): Buffer[] {
  if (!drip) return [piece];
  const count = Math.ceil(piece.length / drip.bytes);
  return Array.from({ length: count }, (_, n) => piece.subarray(n * drip.bytes, (n + 1) * drip.bytes));
}
