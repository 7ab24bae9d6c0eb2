/** What a test file is to be tried with, and what it says: lines of JSON, one a message. */
export interface Job {
  /** Ids of mutants that are switched on in the instrumented sources. Only those that a test reaches are tried. */
  switched: string[];
  /** Mutants that are written to their file: scripts for Redis, which nothing instruments. */
  written: { id: string; path: string; text: string }[];
}

export type Message =
  /** After the first run, with nothing changed. */
  | { kind: "plain"; passed: boolean; by: string; covered: string[] }
  | { kind: "begun"; id: string }
  | { kind: "tried"; id: string; killedBy: string | undefined };
