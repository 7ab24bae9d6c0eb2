import type { IncomingMessage } from "node:http";

/** Refused webhooks of one address within a minute after which it counts as flooding. */
const MOST_REFUSED = 120;
const WINDOW_MS = 60_000;
/** So many are remembered: whoever has more addresses than that is not stopped by counting them. */
const MOST_ADDRESSES = 10_000;

export interface FloodGuard {
  /** Whether to refuse a request before its body is read. */
  isInVain(request: IncomingMessage): boolean;
  /** Its signature was missing or wrong. */
  noteRefused(request: IncomingMessage): void;
}

/**
 * Who floods us with unsigned webhooks is answered before the body is read. Only requests that hold nothing which could
 * be a signature are: behind a proxy all come from one address, and what is signed must never be refused for what others
 * do. `now` in milliseconds.
 */
export function createFloodGuard(now: () => number = () => performance.now()): FloodGuard {
  let current = new Map<string, number>();
  let former = new Map<string, number>();
  let since = now();

  function turn(): void {
    const windows = Math.floor((now() - since) / WINDOW_MS);
    if (windows < 1) return;
    former = windows === 1 ? current : new Map();
    current = new Map();
    since += windows * WINDOW_MS;
  }

  function noteRefused({ socket }: IncomingMessage): void {
    turn();
    const address = networkOf(socket.remoteAddress);
    const count = current.get(address);
    if (count !== undefined || current.size < MOST_ADDRESSES) current.set(address, (count ?? 0) + 1);
  }

  return {
    noteRefused,
    isInVain(request) {
      turn();
      const address = networkOf(request.socket.remoteAddress);
      if (Math.max(current.get(address) ?? 0, former.get(address) ?? 0) < MOST_REFUSED) return false;
      if (couldBeSigned(request)) return false;
      noteRefused(request);
      return true;
    },
  };
}

/** A signature, token or login in a header of whatever name, or something in the address. */
function couldBeSigned({ headers, url = "" }: IncomingMessage): boolean {
  return (
    url.includes("?") || Object.keys(headers).some((name) => /sign|hmac|auth|token|secret|key/.test(name))
  );
}

/** One household has 2^64 addresses of IPv6. */
function networkOf(address = ""): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [before = "", after] = address.split("::");
  const parts = before.split(":");
  const zeros = after === undefined ? 0 : 8 - parts.length - after.split(":").length;
  return [...parts, ...Array.from({ length: Math.max(0, zeros) }, () => "0")].slice(0, 4).join(":");
}
