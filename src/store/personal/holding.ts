import type { Subject } from "./subject.ts";

/**
 * What there can be of a person, in the order in which it is removed: first what is found by way of the rest, last what
 * leads to the person, so that a removal which was cut short finds everything when it is run again.
 */
export const kinds = [
  "waitingEvents",
  "triesOfEvents",
  "replies",
  "sentMessages",
  "undelivered",
  "callTurns",
  "intents",
  "steps",
  "outbounds",
  "deadLetters",
  "quarantine",
  "recordedInputs",
  "wakeJobs",
  "traces",
  "pace",
  "templateHolds",
  "consents",
  "wayBack",
  "ticket",
  "contact",
  "aliases",
  "person",
  // Shown and counted, never removed: each entry holds the hash of the one before (docs/decisions/0042).
  "auditEntries",
] as const;

export type Kind = (typeof kinds)[number];

/** One thing that Redis holds of a person: a whole key, or a part of one that others share. */
export interface Holding {
  kind: Kind;
  subject: Subject;
  key: string;
  /** Absent: all of the key. */
  part?: Part;
}

/** A field of a hash, a member of a set or sorted set, a text of a list, an entry of a stream. */
export interface Part {
  of: "hash" | "set" | "zset" | "list" | "stream";
  name: string;
}

/** The subjects by their ids. */
export function ownersOf(
  subjects: readonly Subject[],
): (channel: string, person: string) => Subject | undefined {
  const owners = new Map<string, Subject>();
  for (const subject of subjects) {
    for (const person of subject.people) owners.set(`${subject.channel}/${person}`, subject);
  }
  return (channel, person) => owners.get(`${channel}/${person}`);
}
