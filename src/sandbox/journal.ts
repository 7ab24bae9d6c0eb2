import { createWriteStream, type WriteStream } from "node:fs";
import type { Clock } from "../sdk/clock.ts";

/** An entry as it stands in the journal; `seq` counts from 1 without gaps, `at` is ISO 8601. */
export type Stamped<E> = E & { seq: number; at: string };

/** What a sandbox server did and saw, in order. Append-only; the ledger, the event stream and the tests read it. */
export interface Journal<E> {
  append<A extends E>(entry: A): Stamped<A>;
  /** Entries after `seq`. */
  since(seq: number): Stamped<E>[];
  /** Calls back for every later entry; returns how to stop. */
  subscribe(listener: (entry: Stamped<E>) => void): () => void;
  close(): Promise<void>;
}

export interface JournalOptions {
  clock: Clock;
  /** Also append every entry to this file, one JSON object a line. */
  file?: string;
}

export function createJournal<E extends object>(options: JournalOptions): Journal<E> {
  const entries: Stamped<E>[] = [];
  const listeners = new Set<(entry: Stamped<E>) => void>();
  const file = options.file ? createWriteStream(options.file, { flags: "a" }) : undefined;
  return {
    append(entry) {
      const at = new Date(options.clock.now()).toISOString();
      const stamped = { ...entry, seq: entries.length + 1, at };
      entries.push(stamped);
      file?.write(`${JSON.stringify(stamped)}\n`);
      for (const listener of listeners) listener(stamped);
      return stamped;
    },
    since: (seq) => entries.slice(Math.max(0, seq)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => closeFile(file),
  };
}

function closeFile(file: WriteStream | undefined): Promise<void> {
  return new Promise((resolve) => (file ? file.end(resolve) : resolve()));
}
