import { beforeEach, describe, expect, it } from "vitest";
import { ensureOnce } from "../../src/inbound/ensure-once.ts";
import type { Idempotency } from "../../src/sdk/connector.ts";
import { createIntents, type Intents } from "../../src/store/intents.ts";
import { createLinks } from "../../src/store/links.ts";
import type { CrashPoint } from "../../src/telemetry/crash-point.ts";
import { createClock, type TestClock } from "../support/clock.ts";
import { crashAt } from "../support/crash-at.ts";
import { createFakeHelpdesk, type FakeHelpdesk, fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { openRedis, uniqueChannel, uniqueConnection } from "../support/redis.ts";

const SETTLE_MS = 5000;
const B: Idempotency = { class: "B", settleMs: SETTLE_MS };
let intents: Intents;
let channel: string;
let clock: TestClock;
let desk: FakeHelpdesk;
const id = "deskferry/city/3f9a/1";

beforeEach(async () => {
  const redis = await openRedis();
  intents = createIntents(redis);
  channel = uniqueChannel(redis);
  clock = createClock();
  desk = createFakeHelpdesk({ clock, idempotency: B, lagMs: SETTLE_MS });
  desk.contacts.push({ id: "contact-1", key: { externalId: "x" }, record: { name: "x" } });
});

const make = () =>
  ensureOnce(intents, {
    channel,
    id,
    idempotency: B,
    clock,
    find: async () => desk.connector.findTicket?.(id),
    create: () =>
      desk.connector.createTicket({ externalId: id, contactId: "contact-1", ticket: { subject: "s" } }),
  });

/** What is there after a crash at `point`. */
async function left(point: CrashPoint) {
  await crashAt(point, make);
  const intent = await intents.get(channel, id);
  return { tickets: desk.tickets.length, result: intent?.result, attempts: intent?.attempts };
}

describe("a crash while a record is made", () => {
  it("before the call: an intent and no record", async () => {
    expect(await left("create.intended")).toEqual({ tickets: 0, result: undefined, attempts: 1 });
  });

  it("after the call: a record of which the intent does not know", async () => {
    expect(await left("create.made")).toEqual({ tickets: 1, result: undefined, attempts: 1 });
  });

  it("at the end: a record that the intent knows", async () => {
    expect(await left("create.known")).toEqual({ tickets: 1, result: desk.tickets[0]?.id, attempts: 1 });
  });

  it("after an unclear answer: an intent that counts from the end of the call", async () => {
    const begun = clock.now();
    desk.script.next("createTicket", lostAnswer(20_000));
    expect(await left("create.unclear")).toEqual({ tickets: 1, result: undefined, attempts: 1 });
    expect((await intents.get(channel, id))?.at).toBe(begun + 20_000);
  });

  it("after a refusal: nothing", async () => {
    desk.script.next("createTicket", fails("throttled"));
    expect(await left("create.withdrawn")).toEqual({ tickets: 0, result: undefined, attempts: undefined });
  });

  it("after the record was found: it is found again, and not made a second time", async () => {
    desk.script.next("createTicket", lostAnswer());
    await make().catch(() => undefined);
    clock.advance(SETTLE_MS);
    expect(await left("create.found")).toEqual({ tickets: 1, result: undefined, attempts: 1 });
    expect(await make()).toBe(desk.tickets[0]?.id);
    expect(desk.tickets).toHaveLength(1);
  });
});

describe("a crash while a ticket is linked", () => {
  it("leaves the way back without the way there: staff's answers find the person, a new message its ticket", async () => {
    const redis = await openRedis();
    const links = createLinks(redis);
    const [key, connection] = [{ channel, person: "ada" }, uniqueConnection(redis)];
    const ticket = { id: "T1", epoch: 1, status: "new" } as const;
    await crashAt("ticket.linked-back", () => links.saveTicket(key, connection, ticket));
    expect(await links.reverse(connection, "T1")).toEqual({ ...key, epoch: 1 });
    expect(await links.ticket(key)).toBeUndefined();
  });
});
