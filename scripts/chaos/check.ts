import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import type { GraphLedger } from "../../src/sandbox/graph/entries.ts";
import type { Play } from "./play.ts";

/** What went wrong, counted from what WhatsApp's and the helpdesk's sides hold, never from our own records. */
export interface Count {
  lost: number;
  doubled: number;
  reordered: number;
}

/** As counted, and what is missing for a reason: an operator has been asked. */
export interface Found extends Count {
  held: number;
  /** Each fault in words, for whoever has to find out why. */
  faults: string[];
}

/**
 * Compares what was played with what both ledgers hold. `isHeld`: whether the text with this mark waits for an operator, in
 * which case it may be missing.
 */
export function check(
  play: Play,
  desk: DeskLedger,
  graph: GraphLedger,
  isHeld: (mark: string) => boolean = () => false,
): Found {
  const count: Found = { lost: 0, doubled: 0, reordered: 0, held: 0, faults: [] };
  for (const person of play.people) {
    const contacts = desk.contacts.filter((contact) => contact.phone === person.phone);
    const isAwaited = person.messages.some((mark) => !isHeld(mark));
    if (contacts.length > 0 || isAwaited) countOnce("contact", contacts.length, count);
    const contact = contacts[0];
    const tickets = desk.tickets.filter((ticket) => ticket.contact_id === contact?.id);
    if (tickets.length > 1) countOnce(`ticket of ${person.phone}`, tickets.length, count);
    const comments = tickets
      .flatMap((ticket) => ticket.comments)
      .filter((comment) => comment.author.kind === "api")
      // As they came: class C may make two tickets of one, and both get comments.
      .sort((one, other) => Number(one.id) - Number(other.id));
    const bodies = comments.map((comment) => comment.body);
    countSequence(person.messages, bodies, count, isHeld);
    const sends = graph.sends.filter((send) => send.person === person.phone);
    const texts = sends.map((send) => send.text);
    countSequence(person.answers, texts, count, isHeld);
  }
  return count;
}

function countOnce(what: string, times: number, count: Found): void {
  if (times === 0) count.lost++;
  else count.doubled += times - 1;
  if (times !== 1) count.faults.push(`${what}: ${times} times`);
}

/** Each expected text is found once, in this order; texts, or parts of one, are recognised by the mark they contain. */
function countSequence(
  expected: string[],
  found: string[],
  count: Found,
  isHeld: (mark: string) => boolean,
): void {
  const all = found.join("\n");
  let last = -1;
  for (const mark of expected) {
    const places = placesOf(mark, all);
    const first = places[0];
    if (first === undefined && isHeld(mark)) {
      count.held++;
      continue;
    }
    countOnce(mark, places.length, count);
    if (first === undefined) continue;
    if (first < last) {
      count.reordered++;
      count.faults.push(`${mark}: too early`);
    }
    last = Math.max(last, first);
  }
}

function placesOf(mark: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) places.push(at);
  return places;
}

/** How many of the texts to come are there already; for progress. */
export function arrived(play: Play, desk: DeskLedger, graph: GraphLedger): number {
  let count = 0;
  for (const { phone, messages, answers } of play.people) {
    const contacts = desk.contacts.filter((contact) => contact.phone === phone).map(({ id }) => id);
    const tickets = desk.tickets.filter((ticket) => contacts.includes(ticket.contact_id));
    const bodies = tickets.flatMap(({ comments }) => comments.map(({ body }) => body)).join("\n");
    const sends = graph.sends.filter(({ person }) => person === phone).map(({ text }) => text);
    const texts = sends.join("\n");
    count += messages.filter((mark) => bodies.includes(mark)).length;
    count += answers.filter((mark) => texts.includes(mark)).length;
  }
  return count;
}
