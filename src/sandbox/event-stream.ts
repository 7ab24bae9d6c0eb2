import type { Request, RequestHandler, Response } from "express";

const HEARTBEAT_MS = 15_000;

/** One server-sent event; `id` lets the browser ask for what it missed (HTML standard, 9.2). */
export interface StreamEvent {
  id?: number;
  data: unknown;
}

export interface StreamSource {
  /** Everything after the id, oldest first. */
  replay(after: number): StreamEvent[];
  subscribe(listener: (event: StreamEvent) => void): () => void;
}

/** Serves an event source: first what happened since `Last-Event-ID` or `?after=`, then what happens. */
export function streamEvents(source: StreamSource): RequestHandler {
  return (request, response) => {
    response.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    });
    response.write("retry: 1000\n\n");
    for (const event of source.replay(startOf(request))) write(response, event);
    const stop = source.subscribe((event) => write(response, event));
    const heartbeat = setInterval(() => response.write(": still here\n\n"), HEARTBEAT_MS);
    response.on("close", () => {
      stop();
      clearInterval(heartbeat);
    });
  };
}

function startOf(request: Request): number {
  const asked = Number(request.get("last-event-id") ?? request.query["after"] ?? 0);
  return Number.isFinite(asked) ? asked : 0;
}

function write(response: Response, event: StreamEvent): void {
  const id = event.id === undefined ? "" : `id: ${event.id}\n`;
  response.write(`${id}data: ${JSON.stringify(event.data)}\n\n`);
}

/** The source that a journal is. */
export function journalSource(journal: {
  since(seq: number): { seq: number }[];
  subscribe(listener: (entry: { seq: number }) => void): () => void;
}): StreamSource {
  const toEvent = (entry: { seq: number }): StreamEvent => ({ id: entry.seq, data: entry });
  return {
    replay: (after) => journal.since(after).map(toEvent),
    subscribe: (listener) => journal.subscribe((entry) => listener(toEvent(entry))),
  };
}
