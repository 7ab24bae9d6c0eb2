import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import type { GraphLedger } from "../../src/sandbox/graph/entries.ts";
import type { Play } from "./play.ts";

/** What went wrong, counted from what WhatsApp's and the helpdesk's sides hold, never from our own records. */
export interface Count {
  lost: number;
  doubled: number;
  reordered: number;
}

/** Compares what was played with what both ledgers hold. */
export function check(play: Play, desk: DeskLedger, graph: GraphLedger): Count {
  const count: Count = { lost: 0, doubled: 0, reordered: 0 };
  for (const person of play.people) {
    const contacts = desk.contacts.filter((contact) => contact.phone === person.phone);
    countOnce(contacts.length, count);
    const contact = contacts[0];
    const tickets = desk.tickets.filter((ticket) => ticket.contact_id === contact?.id);
    if (tickets.length > 1) count.doubled += tickets.length - 1;
    const comments = tickets
      .flatMap((ticket) => ticket.comments)
      .filter((comment) => comment.author.kind === "api");
    countSequence(
      person.messages,
      comments.map((comment) => comment.body),
      count,
    );
    const sends = graph.sends.filter((send) => send.person === person.phone);
    countSequence(
      person.answers,
      sends.map((send) => send.text),
      count,
    );
  }
  return count;
}

function countOnce(times: number, count: Count): void {
  if (times === 0) count.lost++;
  else count.doubled += times - 1;
}

/** Each expected text is found once, in this order; texts, or parts of one, are recognised by the mark they contain. */
function countSequence(expected: string[], found: string[], count: Count): void {
  const all = found.join("\n");
  let last = -1;
  for (const mark of expected) {
    const places = placesOf(mark, all);
    countOnce(places.length, count);
    const first = places[0];
    if (first === undefined) continue;
    if (first < last) count.reordered++;
    last = Math.max(last, first);
  }
}

function placesOf(mark: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) places.push(at);
  return places;
}

/** How many of the texts to come are there already; for progress and for knowing when to stop waiting. */
export function arrived(play: Play, desk: DeskLedger, graph: GraphLedger): number {
  const comments = desk.tickets
    .flatMap((ticket) => ticket.comments)
    .filter((comment) => comment.author.kind === "api");
  const bodies = comments
    .map((comment) => comment.body)
    .concat(graph.sends.map((send) => send.text))
    .join("\n");
  const marks = play.people.flatMap((person) => [...person.messages, ...person.answers]);
  return marks.filter((mark) => bodies.includes(mark)).length;
}
