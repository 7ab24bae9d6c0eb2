import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../stack.ts";

/** What everybody wrote and should get, and what of it has come. */
export interface Tally {
  events: number;
  lost: number;
  doubled: number;
  reordered: number;
}

interface Person {
  phone: string;
  name: string;
  written: string[];
  answers: string[];
}

const PATIENCE_MS = 90_000;

/** Some people who write in rounds, and staff who answer; counted from what both sides hold. */
export function createStory(stack: Stack, count: number) {
  const people: Person[] = Array.from({ length: count }, (_, n) => ({
    phone: `+4477009${String(20_000 + n)}`,
    name: `Person ${n}`,
    written: [],
    answers: [],
  }));

  /** What was found of each text, in order: comments for those written, messages for the answers. */
  async function found(): Promise<{ wanted: string[]; all: string }[]> {
    const [desk, graph] = await Promise.all([stack.deskLedger(), stack.graphLedger()]);
    return people.flatMap(({ phone, written, answers }) => {
      const contacts = desk.contacts.filter((one) => one.phone === phone).map(({ id }) => id);
      const tickets = desk.tickets.filter((one) => contacts.includes(one.contact_id));
      const comments = tickets.flatMap((ticket) => ticket.comments);
      const api = comments.filter(({ author }) => author.kind === "api").map(({ body }) => body);
      const sends = graph.sends.filter(({ person }) => person === phone).map(({ text }) => text);
      return [
        { wanted: written, all: api.join("\n") },
        { wanted: answers, all: sends.join("\n") },
      ];
    });
  }

  async function tally(): Promise<Tally> {
    const result: Tally = { events: 0, lost: 0, doubled: 0, reordered: 0 };
    for (const { wanted, all } of await found()) {
      let last = -1;
      for (const mark of wanted) {
        const times = all.split(mark).length - 1;
        result.events++;
        if (times === 0) result.lost++;
        else result.doubled += times - 1;
        const at = all.indexOf(mark);
        if (at >= 0 && at < last) result.reordered++;
        last = Math.max(last, at);
      }
    }
    return result;
  }

  return {
    tally,
    /** Everybody writes `each` messages in one webhook; resolves once they are answered with 200. */
    async write(each = 1): Promise<void> {
      const messages = people.flatMap((person, n) =>
        Array.from({ length: each }, () => {
          const text = `<${n}:m${person.written.length}>`;
          person.written.push(text);
          return { person: { phone: person.phone, name: person.name }, text };
        }),
      );
      await stack.graph("POST", "/messages", { delivery: "album", wait: true, messages });
    },
    /** Staff answer everybody who has a ticket. */
    async answer(): Promise<void> {
      const { contacts, tickets } = await stack.deskLedger();
      for (const [n, person] of people.entries()) {
        const contact = contacts.find(({ phone }) => phone === person.phone);
        const ticket = tickets.find(({ contact_id }) => contact_id === contact?.id);
        if (!ticket) continue;
        const body = `<${n}:a${person.answers.length}>`;
        person.answers.push(body);
        await stack.desk("POST", `/tickets/${ticket.id}/comments`, { visibility: "public", body });
      }
    },
    /** Until nothing is missing or nothing has come for a while, and a little longer to see what comes twice. */
    async settle(patienceMs = PATIENCE_MS): Promise<Tally> {
      let best = Number.POSITIVE_INFINITY;
      for (let since = Date.now(); Date.now() - since < patienceMs; await sleep(300)) {
        const { lost } = await tally();
        if (lost === 0) break;
        if (lost < best) since = Date.now();
        best = Math.min(best, lost);
      }
      await sleep(3000);
      return tally();
    },
  };
}
