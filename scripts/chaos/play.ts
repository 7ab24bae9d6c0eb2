import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../stack.ts";

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
}

export interface PlayOptions {
  people: number;
  messagesEach: number;
  /** Milliseconds between two rounds in which everybody writes once. */
  pauseMs: number;
  random(): number;
}

/** Events of a play: every message, one reply of staff and one closing a person. */
export function eventsOf({ people, messagesEach }: PlayOptions): number {
  return people * (messagesEach + 2);
}

/** Answers cut off after the write was made, in each round and on each side: the caller cannot know. */
const CUTS = 5;

/**
 * Everybody writes in rounds; one message in ten is delivered twice. Half-way staff answer everybody, at the end they
 * close every ticket.
 */
export async function perform(play: Play, stack: Stack, options: PlayOptions): Promise<void> {
  for (let index = 0; index < options.people; index++) {
    play.people.push({ phone: `+4477009${String(10_000 + index)}`, messages: [], answers: [] });
  }
  for (let round = 1; round <= options.messagesEach; round++) {
    await cutAnswers(stack);
    await everybodyWrites(play, round, stack, options);
    if (round === Math.ceil(options.messagesEach / 2)) await staffReply(play, stack);
    await sleep(options.pauseMs);
  }
  await staffClose(play, stack);
}

async function cutAnswers(stack: Stack): Promise<void> {
  const cut = { when: "after", reset: true, times: CUTS };
  for (const operation of ["ticket.create", "comment.add"])
    await stack.desk("POST", "/faults", { ...cut, operation });
  await stack.graph("POST", "/faults", { ...cut, operation: "send" });
}

async function everybodyWrites(
  play: Play,
  round: number,
  stack: Stack,
  { random }: PlayOptions,
): Promise<void> {
  const messages = play.people.map((person, index) => {
    const text = `<${index}:message ${round}>`;
    person.messages.push(text);
    return { person: { phone: person.phone, name: `Person ${index}` }, text };
  });
  const repeat = random() < 0.1 ? 2 : 1;
  await stack.graph("POST", "/messages", { delivery: "album", repeat, wait: true, messages });
}

async function staffReply(play: Play, stack: Stack): Promise<void> {
  for (const [index, person] of play.people.entries()) {
    const mark = `<${index}:reply>`;
    person.answers.push(mark);
    const ticket = await ticketOf(person, stack);
    await stack.desk("POST", `/tickets/${ticket}/comments`, { visibility: "public", body: mark });
  }
}

async function staffClose(play: Play, stack: Stack): Promise<void> {
  for (const person of play.people) {
    const ticket = await ticketOf(person, stack);
    person.answers.push(ticket);
    await stack.desk("PATCH", `/tickets/${ticket}`, { status: "resolved" });
  }
}

/** The person's ticket, once it is there. */
async function ticketOf(person: PlayedPerson, stack: Stack): Promise<string> {
  for (let tries = 0; tries < 600; tries++) {
    const { contacts, tickets } = await stack.deskLedger();
    const contact = contacts.find(({ phone }) => phone === person.phone);
    const ticket = tickets.find(({ contact_id }) => contact_id === contact?.id);
    if (ticket) return ticket.id;
    await sleep(100);
  }
  throw new Error("no ticket appeared within a minute");
}
