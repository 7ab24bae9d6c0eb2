import { setTimeout as sleep } from "node:timers/promises";
import type { Play } from "../chaos/play.ts";
import type { Stack } from "../stack.ts";

const TICK_MS = 100;
/** Of the webhooks are messages; the rest come of answers, which make four each: with sent, delivered and read. */
const WRITTEN = 0.6;
const PER_ANSWER = 4;

/** So many people, of whom nobody has written yet. */
export function newPlay(people: number): Play {
  const phoneOf = (index: number) => `+4477009${10_000 + index}`;
  const all = Array.from({ length: people }, (_, index) => ({
    phone: phoneOf(index),
    messages: [],
    answers: [],
  }));
  return { people: all, wamids: [], cuts: 0 };
}

/** Lets the play's people write and staff answer them, everybody in turn. */
export function createWriters(play: Play, { graph, desk }: Pick<Stack, "graph" | "desk">) {
  const personOf = (turn: number) => {
    const person = play.people[turn % play.people.length];
    if (!person) throw new Error("there is nobody to write");
    return person;
  };
  let written = 0;
  let answered = 0;

  async function write(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => {
      const person = personOf(written);
      const text = `<message ${written++}>`;
      person.messages.push(text);
      return { person: { phone: person.phone, name: "Somebody" }, text };
    });
    if (count > 0) await graph("POST", "/messages", { delivery: "album", messages });
  }

  async function answer(count: number, tickets: ReadonlyMap<string, string>): Promise<void> {
    for (let left = count; left > 0; left--) {
      const person = personOf(answered);
      const body = `<answer ${answered++}>`;
      person.answers.push(body);
      await desk("POST", `/tickets/${tickets.get(person.phone)}/comments`, { visibility: "public", body });
    }
  }

  return {
    /** Everybody writes once. */
    everybody: () => write(play.people.length),
    /** So many webhooks a second, for so long. `tickets` by phone, of everybody. */
    async steadily(perSecond: number, seconds: number, tickets: ReadonlyMap<string, string>): Promise<void> {
      const begun = performance.now();
      const before = { written, answered };
      for (let tick = 1; tick <= (seconds * 1000) / TICK_MS; tick++) {
        const webhooks = (perSecond * tick * TICK_MS) / 1000;
        const messages = before.written + Math.floor(webhooks * WRITTEN) - written;
        const answers = before.answered + Math.floor((webhooks * (1 - WRITTEN)) / PER_ANSWER) - answered;
        await Promise.all([write(messages), answer(answers, tickets)]);
        await sleep(Math.max(0, begun + tick * TICK_MS - performance.now()));
      }
    },
  };
}
