import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import type { GraphLedger } from "../../src/sandbox/graph/entries.ts";
import type { DeadLetter } from "../../src/store/letter.ts";
import type { Account } from "./accounts.ts";
import { arrived, type Count, check } from "./check.ts";
import { eventsOf, type Play } from "./play.ts";
import type { Suite } from "./suites.ts";

/** What became of one suite. */
export interface SuiteResult extends Count {
  name: string;
  /** Written by people and staff, each once. */
  events: number;
  /** Seen on the other side. */
  arrived: number;
  /** Nobody can know whether it had its effect: waits for an operator, as the policy of class C says. */
  held: number;
  /** Dead letters for any other reason. Nothing in the programme gives one. */
  dead: number;
  /** Neither done nor filed, by our own records; or signed, answered with 200 and unknown to them. */
  unaccounted: number;
  /** Doubles that the policy `retry` of class C allows: at most one a crash or cut. Not in `doubled`. */
  doubledByPolicy: number;
  /** Answers that were to be cut off after the write. */
  cuts: number;
  /** Messages that cost no comment of their own. */
  joined: number;
  /** What was wrong, in words; the first of it. */
  faults: string[];
}

export interface Sides {
  desk: DeskLedger;
  graph: GraphLedger;
  account: Account;
}

const MOST_FAULTS = 10;
const UNKNOWN = new Set(["unclear", "unconfirmed"]);

/** Both ledgers and our own records against what was played. */
export function outcomeOf(suite: Suite, play: Play, { desk, graph, account }: Sides): SuiteResult {
  const held = account.letters.filter(({ kind }) => UNKNOWN.has(kind));
  const found = check(play, desk, graph, (mark) => held.some((letter) => isAbout(letter, mark)));
  const mayDouble = suite.onUnclear === "retry";
  const comments = desk.tickets.flatMap((ticket) =>
    ticket.comments.filter(({ author }) => author.kind === "api"),
  );
  const written = play.people.reduce((sum, { messages }) => sum + messages.length, 0);
  return {
    name: suite.name,
    events: eventsOf(play),
    arrived: arrived(play, desk, graph),
    lost: found.lost,
    doubled: mayDouble ? 0 : found.doubled,
    doubledByPolicy: mayDouble ? found.doubled : 0,
    reordered: found.reordered,
    held: found.held,
    dead: account.letters.length - held.length,
    unaccounted: account.waiting + account.quarantined + account.open.length,
    cuts: play.cuts,
    joined: suite.messagesPerComment ? Math.max(0, written - comments.length) : 0,
    faults: found.faults.slice(0, MOST_FAULTS),
  };
}

/** Whether the text with this mark, or the closing of the ticket of this number, is in the letter. */
function isAbout({ event }: DeadLetter, mark: string): boolean {
  const ticket = /^\(number (.+)\)$/.exec(mark)?.[1];
  if (ticket) return event.type === "ticket.changed" && event.ticket.id === ticket;
  return JSON.stringify(event).includes(mark);
}
