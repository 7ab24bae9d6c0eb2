import { setTimeout as sleep } from "node:timers/promises";
import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import { numberOf, type Stage } from "./stage.ts";
import type { Suite } from "./suites.ts";

/** Somebody in the play, with the marks of the texts they send and should get. */
export interface PlayedPerson {
  phone: string;
  /** Contained in the comments to come, in order. */
  messages: string[];
  /** Contained in the messages they should get, in order. */
  answers: string[];
}

export interface Play {
  people: PlayedPerson[];
  /** WhatsApp's ids of all that was written, each once. */
  wamids: string[];
  /** Answers that were to be cut off. */
  cuts: number;
}

export interface PlayTools {
  suites: readonly Suite[];
  stage: Stage;
  random(): number;
  /** Resolves when so many have been killed, with false when there are no more kills to come. */
  untilKilled(count: number): Promise<boolean>;
}

export function newPlay(suite: Suite, suites: readonly Suite[]): Play {
  const block = suites.indexOf(suite);
  const phoneOf = (index: number) => `+44770090${block}${String(100 + index)}`;
  const people = Array.from({ length: suite.people }, (_, index) => ({
    phone: phoneOf(index),
    messages: [],
    answers: [],
  }));
  return { people, wamids: [], cuts: 0 };
}

/** Events of a play: all that was written on either side, each once. */
export function eventsOf({ people }: Play): number {
  return people.reduce((sum, { messages, answers }) => sum + messages.length + answers.length, 0);
}

const LEAST_ROUNDS = 4;
const ROUNDS_PER_REPLY = 4;

/**
 * Everybody writes in rounds, each message once the one before was answered with 200; one round in ten is delivered
 * twice. Every fourth round staff answer everybody who has a ticket, at the end they close it, once what they wrote was
 * taken in.
 */
export async function perform(play: Play, suite: Suite, tools: PlayTools): Promise<void> {
  for (let round = 1, goesOn = true; goesOn || round <= LEAST_ROUNDS; round++) {
    play.cuts += await cutAnswers(suite, round, tools.stage);
    await everybodyWrites(play, { suite, round }, tools);
    if (round % ROUNDS_PER_REPLY === 0) await staffReply(play, suite, { round, ...tools });
    goesOn = await tools.untilKilled(round * suite.killsPerRound);
  }
  await staffClose(play, suite, tools.stage);
}

/** `cuts` may be less than one: then it is one in some rounds. */
async function cutAnswers(suite: Suite, round: number, stage: Stage): Promise<number> {
  const times = Math.floor(round * suite.cuts) - Math.floor((round - 1) * suite.cuts);
  if (times === 0) return 0;
  const cut = { when: "after", reset: true, times };
  for (const operation of ["ticket.create", "comment.add"])
    await stage.desk(suite, "POST", "/faults", { ...cut, operation });
  await stage.graph("POST", "/faults", { ...cut, times: 1, operation: "send" });
  return 2 * times;
}

async function everybodyWrites(
  play: Play,
  { suite, round }: { suite: Suite; round: number },
  { stage, suites, random }: PlayTools,
): Promise<void> {
  const messages = play.people.map((person, index) => {
    const text = `<${index}:message ${round}>`;
    person.messages.push(text);
    return { person: { phone: person.phone, name: `Person ${index}` }, text };
  });
  const repeat = random() < 0.1 ? 2 : 1;
  const album = { number: numberOf(suites, suite), delivery: "album", repeat, wait: true, messages };
  const { wamids } = (await stage.graph("POST", "/messages", album)) as { wamids: string[] };
  play.wamids.push(...wamids);
}

async function staffReply(
  play: Play,
  suite: Suite,
  { round, stage }: PlayTools & { round: number },
): Promise<void> {
  const desk = await stage.deskLedger(suite);
  for (const [index, person] of play.people.entries()) {
    const ticket = ticketOf(person, desk);
    if (!ticket) continue;
    const mark = `<${index}:reply ${round}>`;
    person.answers.push(mark);
    await stage.desk(suite, "POST", `/tickets/${ticket}/comments`, { visibility: "public", body: mark });
  }
}

async function staffClose(play: Play, suite: Suite, stage: Stage): Promise<void> {
  const desk = await webhooksTaken(suite, stage);
  for (const person of play.people) {
    const ticket = ticketOf(person, desk);
    if (!ticket) continue;
    // The confirmation tells the ticket's number.
    person.answers.push(`(number ${ticket})`);
    await stage.desk(suite, "PATCH", `/tickets/${ticket}`, { status: "resolved" });
  }
}

/**
 * The ledger when no webhook waits for its 200. One that is tried again, because an intake was dead, comes after one that was
 * posted later: a confirmation before the last answer would be the helpdesk's order, not ours. It ends, since each is given up
 * at last.
 */
async function webhooksTaken(suite: Suite, stage: Stage): Promise<DeskLedger> {
  for (;;) {
    const desk = await stage.deskLedger(suite);
    if (desk.pendingWebhooks === 0) return desk;
    await sleep(50);
  }
}

/** The person's ticket, if it is there already. */
function ticketOf({ phone }: PlayedPerson, { contacts, tickets }: DeskLedger): string | undefined {
  const contact = contacts.find((each) => each.phone === phone);
  return tickets.find(({ contact_id }) => contact_id === contact?.id)?.id;
}
