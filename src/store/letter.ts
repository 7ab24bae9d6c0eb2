import { partsOf } from "../domain/burst.ts";
import type { Event } from "../domain/event.ts";
import type { Lane } from "../domain/lane.ts";
import { eventKey } from "../domain/trace.ts";
import type { Cipher } from "./cipher.ts";
import { where } from "./where.ts";

export interface DeadLetter {
  id: string;
  /** Of the envelope that its event came in; absent in letters of older versions. */
  v?: number;
  lane: Lane;
  person: string;
  event: Event;
  kind: string;
  /** No personal data. */
  reason: string;
  /** The mapping file that failed, with its version: `ticket@3f2a…`. */
  mapping?: string;
  /** External id of the record that may be there or not: nobody makes it before an operator has decided. */
  unclear?: string;
  at: string;
}

/** As stored: the event encrypted, if anything is; the rest names nobody. */
interface Stored extends Omit<DeadLetter, "event"> {
  event: Event | string;
  /** eventKey of each part of an encrypted event. */
  ids?: string[];
}

export function letterText(channel: string, letter: DeadLetter, cipher: Cipher): string {
  if (cipher.current() === undefined) return JSON.stringify(letter satisfies Stored);
  const { event, ...rest } = letter;
  const ids = partsOf(event).map(({ id }) => eventKey(id));
  const hidden = cipher.encrypt(JSON.stringify(event), where.deadLetter(channel, letter.id));
  return JSON.stringify({ ...rest, ids, event: hidden } satisfies Stored);
}

/** Throws Undecryptable. `id`: under which it is stored. */
export function letterIn(
  text: string,
  { channel, id }: { channel: string; id: string },
  cipher: Cipher,
): DeadLetter {
  const { ids: _, event, ...rest } = JSON.parse(text) as Stored;
  if (typeof event !== "string") return { ...rest, event };
  return { ...rest, event: JSON.parse(cipher.decrypt(event, where.deadLetter(channel, id))) as Event };
}

/** What is known of a letter without the key of its event. `events`: eventKey of each part. */
export function outsideOf(text: string): { person: string; unclear?: string; events: string[] } {
  const { person, unclear, ids, event } = JSON.parse(text) as Stored;
  const events = typeof event === "string" ? (ids ?? []) : partsOf(event).map(({ id }) => eventKey(id));
  return { person, ...(unclear ? { unclear } : {}), events };
}

/** What a letter's event is encrypted in; undefined for a plain one. */
export function hiddenInLetter(text: string): string | undefined {
  const { event } = JSON.parse(text) as Stored;
  return typeof event === "string" ? event : undefined;
}
