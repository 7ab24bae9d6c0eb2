import type { TraceEntry } from "../domain/trace.ts";
import type { StreamEvent, StreamSource } from "./event-stream.ts";

/** Entries shown to a page that opens late. */
const KEPT = 2000;

/** Reads the app's trace once and hands it to every page that listens. */
export function createTraceFeed(readTrace: (signal: AbortSignal) => AsyncIterable<TraceEntry>) {
  const stopping = new AbortController();
  const kept: StreamEvent[] = [];
  const listeners = new Set<(event: StreamEvent) => void>();
  let lastId = 0;
  const source: StreamSource = {
    replay: (after) => kept.filter((event) => (event.id ?? 0) > after),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const reading = (async () => {
    for await (const data of readTrace(stopping.signal)) {
      if (stopping.signal.aborted) return;
      lastId += 1;
      const event = { id: lastId, data };
      kept.push(event);
      if (kept.length > KEPT) kept.shift();
      for (const listener of listeners) listener(event);
    }
  })();
  return {
    source,
    /** Settles when the trace ends; rejects when it breaks. */
    reading,
    stop: () => stopping.abort(),
  };
}
