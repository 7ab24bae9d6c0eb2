import type { Server } from "node:http";
import type { Socket } from "node:net";

export interface Patience {
  /** Longest time without a request, in milliseconds. */
  idleMs: number;
  /** Longest time from the headers of a request to the last byte of its answer, in milliseconds. */
  answerMs: number;
}

/** A connection: when it was last done with a request, and when those under way began. */
interface Line {
  idleSince: number;
  begun: Set<{ at: number }>;
}

const LOOK_MS = 500;

/**
 * Ends connections that Node's own limits leave open for ever (seen with 20.20): one that sends empty lines between
 * requests, which count as activity, and one that never reads its answer.
 */
export function hangUpOnStalled(server: Server, patience: Patience): void {
  const lines = new Map<Socket, Line>();
  server.on("connection", (socket) => {
    lines.set(socket, { idleSince: performance.now(), begun: new Set() });
    socket.once("close", () => lines.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    const line = lines.get(socket);
    const request = { at: performance.now() };
    line?.begun.add(request);
    response.once("close", () => {
      line?.begun.delete(request);
      if (line) line.idleSince = performance.now();
    });
  });
  const looking = setInterval(() => {
    for (const [socket, line] of lines) if (isStalled(line, patience)) socket.destroy();
  }, LOOK_MS).unref();
  server.once("close", () => clearInterval(looking));
}

function isStalled({ idleSince, begun }: Line, { idleMs, answerMs }: Patience): boolean {
  const now = performance.now();
  const [oldest] = begun;
  return oldest ? now - oldest.at > answerMs : now - idleSince > idleMs;
}
