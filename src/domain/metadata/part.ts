/** A piece of a file without its metadata: bytes that stay, bytes instead of others, or as many zeros. */
export type Part = { from: number; to: number } | { bytes: Uint8Array } | { zeros: number };

/** No real file has more segments or chunks; one made of nothing else would keep a worker busy for minutes. */
export const MOST_PIECES = 100_000;

/** Bytes of all of them. */
export function sizeOf(parts: readonly Part[]): number {
  const size = (part: Part) =>
    "to" in part ? part.to - part.from : "bytes" in part ? part.bytes.length : part.zeros;
  return parts.reduce((sum, part) => sum + size(part), 0);
}

/** Collects the pieces that stay, and whether any did not. */
export function createParts() {
  const parts: Part[] = [];
  let isChanged = false;
  return {
    keep(from: number, to: number): void {
      const last = parts.at(-1);
      if (last && "to" in last && last.to === from) last.to = to;
      else if (to > from) parts.push({ from, to });
    },
    put(part: { bytes: Uint8Array } | { zeros: number }): void {
      isChanged = true;
      parts.push(part);
    },
    drop(): void {
      isChanged = true;
    },
    /** Undefined when the file is to stay as it is. */
    end: (): Part[] | undefined => (isChanged ? parts : undefined),
  };
}

/** The file is not as its format says, so that nobody knows where its metadata is. */
export class Unreadable extends Error {
  constructor() {
    super("the file is not as its format says");
    this.name = "Unreadable";
  }
}
