import { setTimeout as realTime } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { seededRandom } from "../../scripts/chaos/random.ts";
import { ticketExternalId } from "../../src/domain/conversation.ts";
import type { MessageReceived } from "../../src/domain/event.ts";
import { asFailure } from "../../src/domain/failure.ts";
import { personIdOf } from "../../src/domain/person.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { handleMessages } from "../../src/inbound/handle-messages.ts";
import type { Clock, ConnectorDefinition, ContactKey } from "../../src/sdk/index.ts";
import { type Bench, becomesTickets, startBench } from "../../src/sdk/testing/bench.ts";
import type { ConnectorHarness } from "../../src/sdk/testing/index.ts";
import { type InboundSetup, setUpInbound } from "../inbound/inbound-setup.ts";
import { messageReceived } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";

export interface ResetOptions<S extends z.ZodType> {
  definition: ConnectorDefinition<S>;
  start(): Promise<ConnectorHarness>;
  /** How many people write. */
  conversations: number;
  /** The server keeps new records from its look-ups for a while. */
  hasLag?: boolean;
}

/** For real servers, which are slow; `DESKFERRY_CONVERSATIONS=500` asks for as many as the others get. */
export const REAL_CONVERSATIONS = Number(process.env["DESKFERRY_CONVERSATIONS"] ?? 10);

/** Of so many calls one loses its answer after the server has worked. */
const ONE_IN = 4;
const AT_ONCE = 16;
/** Far more than chance asks for: a look-up of 7 calls gets through once in 7 tries, and 60 in vain came in CI. */
const MOST_TRIES = 500;

/**
 * Registers a test: people write twice each, while every fourth call's answer is lost after it had its effect. Counted
 * in the server, not from what we remember.
 */
export function resetAfterCommit<S extends z.ZodType>(options: ResetOptions<S>): void {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(options.definition, await options.start());
    return async () => {
      await bench.stop();
      await bench.harness.stop();
    };
  });
  it(`P18: ${options.conversations} conversations whose calls lose every fourth answer after the commit: no ticket and no comment is doubled, none is lost`, async () => {
    const sum = await play(bench, options);
    console.log(`reset after commit, ${options.definition.name}: ${JSON.stringify(sum)}`);
    const { class: idempotency } = bench.connector.capabilities.idempotency;
    expect(sum).toMatchObject({ doubledContacts: 0, doubledTickets: 0, doubledComments: 0 });
    if (idempotency !== "C") expect(sum).toMatchObject({ held: 0, lost: 0 });
    expect(sum.lost).toBeLessThanOrEqual(sum.held);
    expect(sum.cut).toBeGreaterThan(options.conversations / 4);
  }, 600_000);
}

async function play(bench: Bench, { conversations, hasLag }: { conversations: number; hasLag?: boolean }) {
  const seed = Number(process.env["DESKFERRY_SEED"] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const sum = {
    conversations,
    doubledContacts: 0,
    doubledTickets: 0,
    doubledComments: 0,
    lost: 0,
    held: 0,
    cut: 0,
  };
  bench.proxy.set(() => {
    if (random() >= 1 / ONE_IN) return undefined;
    sum.cut++;
    return { kind: "reset", after: true };
  });
  const setup = await setUpInbound({ rules: { ticket: () => ({ subject: "A street light" }) } });
  const people = Array.from({ length: conversations }, (_, index) => index);
  const spoken: Spoken[] = [];
  await inTurns(people, async (index) => {
    const person = bench.person();
    const one = await converse({
      bench,
      setup,
      index,
      clock: hasLag ? realClock : ownClock(),
      phone: person.key.externalId.slice("whatsapp:".length),
      name: person.name,
    });
    spoken.push(one);
    sum.held += one.held;
  });
  // Only now: a server with SQLite refuses to be read by many while it writes.
  for (const one of spoken) {
    const found = await countOf(one, bench.harness);
    sum.lost += found.lost;
    sum.doubledContacts += found.doubledContacts;
    sum.doubledTickets += found.doubledTickets;
    sum.doubledComments += found.doubledComments;
  }
  return sum;
}

/** Some at a time, each beginning when another has ended. */
async function inTurns(all: number[], work: (one: number) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

interface Writer {
  bench: Bench;
  setup: InboundSetup;
  index: number;
  clock: PassingClock;
  phone: string;
  name: string;
}

/** What one person has written, and by what the server knows it. */
interface Spoken {
  contact: ContactKey;
  externalIds: ReadonlySet<string>;
  /** Contained in the texts. */
  marks: readonly string[];
  /** Messages that wait for an operator. */
  held: number;
}

/** One person's two messages. */
async function converse(writer: Writer): Promise<Spoken> {
  const { bench, setup, index, phone, name } = writer;
  const userId = `GB.${phone.slice(1)}`;
  const key = { channel: setup.key.channel, person: personIdOf(`user:${userId}`) };
  const marks = [1, 2].map((number) => `mark-${index}-${number}-`);
  const externalIds = new Set<string>();
  let held = 0;
  for (const text of marks) {
    const event = messageReceived({
      person: { userId, phone, name },
      at: setup.clock.iso(),
      message: { text },
    });
    await setup.accept(event);
    externalIds.add(becomesTickets(bench.connector) ? eventKey(event.id) : ticketExternalId(key, 1));
    if (!(await handled(event, key, writer))) held++;
  }
  return { contact: { externalId: `whatsapp:${userId}`, phone, userId }, externalIds, marks, held };
}

/** What the server holds of it. The harness does not go through the proxy. */
async function countOf({ contact, externalIds, marks }: Spoken, harness: ConnectorHarness) {
  const contacts = await harness.contactsOf(contact);
  const bodies: string[] = [];
  let doubledTickets = 0;
  for (const externalId of externalIds) {
    const tickets = await harness.ticketsOf(externalId);
    doubledTickets += Math.max(0, tickets.length - 1);
    for (const { id } of tickets) bodies.push(...(await harness.commentsOf(id)).map(({ body }) => body));
  }
  const times = marks.map((mark) => bodies.filter((body) => body.includes(mark)).length);
  return {
    doubledContacts: Math.max(0, contacts.length - 1),
    doubledTickets,
    doubledComments: times.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    lost: times.filter((count) => count === 0).length,
  };
}

/** Tried as the queue tries it; false when it waits for an operator. */
async function handled(
  event: MessageReceived,
  key: InboundSetup["key"],
  { bench, setup, clock }: Writer,
): Promise<boolean> {
  const tools = { ...setup.tools, connector: bench.connector, clock };
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    try {
      await handleMessages([event], key, tries, tools);
      return true;
    } catch (error) {
      const failure = asFailure(error);
      if (failure?.kind === "unclear") return false;
      if (!failure?.retryable) throw error;
      await clock.pass(failure.retryAfterMs ?? 10);
    }
  }
  throw new Error(`${MOST_TRIES} tries were not enough`);
}

interface PassingClock extends Clock {
  pass(ms: number): Promise<void>;
}

/** Nobody has to wait for it. */
function ownClock(): PassingClock {
  const clock = createClock();
  return { ...clock, pass: async (ms) => clock.advance(ms) };
}

/** Where a server has a real lag. */
const realClock: PassingClock = { now: Date.now, pass: (ms) => realTime(ms) };
