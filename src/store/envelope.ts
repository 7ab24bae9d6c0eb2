import { partsOf } from "../domain/burst.ts";
import type { Event } from "../domain/event.ts";
import type { Lane } from "../domain/lane.ts";
import { eventKey } from "../domain/trace.ts";
import type { Cipher } from "./cipher.ts";
import { where } from "./where.ts";

/** Where an event waits. `to`: our id of the person, where that was known before it was taken in. */
export interface Address {
  channel: string;
  lane: Lane;
  to?: string | undefined;
}

/** An event in a mailbox. */
export interface Waiting {
  raw: string;
  event: Event;
  /** Not to be joined with others. */
  alone: boolean;
}

/**
 * An event as it waits; `v` lets older and newer workers run side by side: 2 is a burst, which the first version would
 * take for done. append.lua reads `sentAt` without decoding the rest, hence second.
 */
interface Plain {
  v: number;
  sentAt?: string;
  event: Event;
  /** Was in a burst that could not be handled as one, and is in none again. */
  alone?: true;
}

/** The newest version that this Deskferry reads. What is newer is left for a newer worker. */
export const NEWEST = 3;

/** A newer version of Deskferry has written the head of a mailbox; it was not begun. */
export class NewerEvent extends Error {
  constructor() {
    super("a newer version of Deskferry has written this event");
    this.name = "NewerEvent";
  }
}

/** The same, encrypted. Outside stands what is needed without the key: order, and which repeats it answers for. */
interface Encrypted {
  v: 3;
  sentAt?: string;
  to?: string;
  /** eventKey of each of its parts. */
  ids: string[];
  /** The plain envelope. */
  text: string;
}

interface Writing {
  cipher: Cipher;
  alone?: boolean;
  /** It stays behind all that waits, whenever it was sent. */
  unordered?: boolean;
  /** Of the version that the event came in; default: what its type asks for. */
  v?: number | undefined;
}

/** Of an envelope: what an older worker would misread has a later one. */
export function versionOf(event: Event): 1 | 2 {
  return event.type === "burst.received" ? 2 : 1;
}

/** An event as it is written into a mailbox. */
export function envelopeOf(
  event: Event,
  address: Address,
  { cipher, alone = false, unordered = false, v = versionOf(event) }: Writing,
): string {
  const time = unordered ? undefined : sentAtOf(event);
  const sentAt = time ? { sentAt: time } : {};
  const text = JSON.stringify({ v, ...sentAt, event, ...(alone ? { alone: true } : {}) } satisfies Plain);
  return cipher.current() === undefined ? text : encrypted(text, event, { address, cipher, sentAt });
}

function encrypted(
  text: string,
  event: Event,
  { address, cipher, sentAt }: { address: Address; cipher: Cipher; sentAt: { sentAt?: string } },
): string {
  const { channel, lane, to } = address;
  const ids = partsOf(event).map(({ id }) => eventKey(id));
  const hidden = cipher.encrypt(text, where.event(channel, lane, { to: to ?? "", ids }));
  return JSON.stringify({ v: 3, ...sentAt, ...(to ? { to } : {}), ids, text: hidden } satisfies Encrypted);
}

/** Throws NewerEvent, Undecryptable. `person`: whose mailbox it is in. */
export function fromEnvelope(
  raw: string,
  { channel, lane, person }: { channel: string; lane: Lane; person: string },
  cipher: Cipher,
): Waiting {
  const found = readable(JSON.parse(raw) as Plain | Encrypted);
  if (!("text" in found)) return { raw, event: found.event, alone: found.alone ?? false };
  const { ids, to = "", text } = found;
  // Under another person's name it is somebody else's, whatever it says itself.
  const home = where.event(channel, lane, { to: to === "" ? to : person, ids });
  const { event, alone = false } = readable(JSON.parse(cipher.decrypt(text, home)) as Plain);
  return { raw, event, alone };
}

function readable<T extends { v: number }>(envelope: T): T {
  if (!(envelope.v <= NEWEST)) throw new NewerEvent();
  return envelope;
}

/** eventKey of the parts of a waiting event, also without its key. */
export function idsIn(raw: string): string[] {
  const found = JSON.parse(raw) as Plain | Encrypted;
  return "text" in found ? found.ids : partsOf(found.event).map(({ id }) => eventKey(id));
}

/** What a person did has its place among the other things they did. */
export function sentAtOf(event: Event): string | undefined {
  if (event.type === "message.received") return event.message.sentAt;
  return event.type === "consent.changed" ? event.at : undefined;
}

/** What a waiting event is encrypted in; undefined for a plain one. */
export function hiddenIn(raw: string): string | undefined {
  const found = JSON.parse(raw) as Plain | Encrypted;
  return "text" in found ? found.text : undefined;
}

/** The same event under the key in use, for the same person and at the same place in the order. */
export function renewedEnvelope(
  raw: string,
  place: { channel: string; lane: Lane; person: string },
  cipher: Cipher,
): string {
  const { event, alone } = fromEnvelope(raw, place, cipher);
  const { sentAt, to } = JSON.parse(raw) as { sentAt?: string; to?: string };
  const { channel, lane } = place;
  return envelopeOf(event, { channel, lane, to }, { cipher, alone, unordered: sentAt === undefined });
}
