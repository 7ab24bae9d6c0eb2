import { describe, expect, it } from "vitest";
import { seededRandom } from "../../scripts/chaos/random.ts";
import { drain } from "../../src/queue/drain.ts";
import type { DrainLog } from "../../src/queue/drain-log.ts";
import { appendArguments } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { commentAdded, nextId } from "../support/builders.ts";
import type { Taken } from "../support/fake-channel.ts";
import { openRedis } from "../support/redis.ts";
import { untilCrash } from "../support/scripted.ts";
import { type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";

const CRASHES = 200;
const SEED = 20_261_119;

/** The out-mailbox of the conversation, worked off by the real drain, whose worker dies where the script says. */
async function setUpMailbox() {
  const setup = await setUpOutbound();
  const redis = await openRedis();
  const { mailboxes, deadLetters } = setup.store;
  const place = { ...setup.key, lane: "out" as const };
  const waits: number[] = [];
  const log: DrainLog = {
    done: () => undefined,
    newer: () => undefined,
    broken: () => undefined,
    separated: () => undefined,
    buried: () => undefined,
    waiting: (_place, _head, { delayMs }) => void waits.push(delayMs),
  };
  const job = { moveToDelayed: async () => undefined } as unknown as Parameters<typeof drain>[0];
  const work = () =>
    drain(job, undefined, place, {
      mailboxes,
      handle: (event) => (event.type === "comment.added" ? setup.comment(event) : Promise.resolve()),
      policy: { crashLimit: 5, giveUpAfterMs: 72 * 3_600_000, random: () => 0 },
      log,
      now: setup.clock.now,
      wakeAgain: async () => undefined,
    });
  return {
    ...setup,
    async put(body: string): Promise<void> {
      const event = commentAdded({ id: nextId("reply"), body });
      const delivery = { channel: place.channel, lane: place.lane, event, person: { id: place.person } };
      await runScript(redis, "append", appendArguments(delivery));
    },
    /** One life of a worker; the clock then stands where the mailbox wants to be woken. */
    async live(): Promise<void> {
      waits.length = 0;
      // The drain puts its job off by an error of its own.
      const end = await untilCrash(setup.whatsapp.script, work).catch(() => "put off" as const);
      if (end === "put off") setup.clock.advance(waits.at(-1) ?? 0);
    },
    isEmpty: async () => (await mailboxes.begin(place)) === undefined,
    async unconfirmed(): Promise<string[]> {
      const bodies: string[] = [];
      for await (const { kind, event } of deadLetters.list(place.channel)) {
        expect(kind).toBe("unconfirmed");
        if (event.type === "comment.added") bodies.push(event.body);
      }
      return bodies;
    },
  };
}

type Mailbox = Awaited<ReturnType<typeof setUpMailbox>>;

const bodyOf = ({ outbound }: Taken) => (outbound.kind === "text" ? outbound.text : "a template");

function sendsOf({ whatsapp }: OutboundSetup, body: string): number {
  return whatsapp.sent.filter((taken) => bodyOf(taken) === body).length;
}

it("R06: of two workers that hold the same reply, one that stood still and its successor, one sends it", async () => {
  const setup = await setUpOutbound();
  for (let n = 0; n < 20; n++) {
    setup.clock.advance(6000);
    await setup.write();
    const reply = commentAdded({ id: nextId("reply"), body: `reply ${n}` });
    const ends = await Promise.allSettled([setup.comment(reply), setup.comment(reply), setup.comment(reply)]);
    expect(sendsOf(setup, `reply ${n}`)).toBe(1);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    // Whoever looks again finds that it was sent.
    await setup.comment(reply);
    expect(sendsOf(setup, `reply ${n}`)).toBe(1);
  }
});

describe(`R43: a worker that dies between send and record ${CRASHES} times (seed ${SEED})`, () => {
  it("where all receipts arrive sends nothing twice, and leaves nothing unknown", async () => {
    const setup = await setUpMailbox();
    for (let n = 0; n < CRASHES; n++) {
      // No faster than WhatsApp allows to one person.
      setup.clock.advance(6000);
      await setup.put(`reply ${n}`);
      setup.whatsapp.script.next("send", { crash: "after" });
      await setup.live();
      await setup.receiptOf(setup.whatsapp.sent.at(-1), n % 2 === 0 ? "sent" : "delivered");
      await setup.live();
      expect(await setup.isEmpty()).toBe(true);
      expect(sendsOf(setup, `reply ${n}`)).toBe(1);
    }
    expect(setup.whatsapp.sent).toHaveLength(CRASHES);
    expect(await setup.unconfirmed()).toEqual([]);
  }, 60_000);

  it("where a tenth of the receipts get lost sends nothing a third time, and lists the rest as unconfirmed", async () => {
    const setup = await setUpMailbox();
    const random = seededRandom(SEED);
    const arrives = () => random() >= 0.1;
    const unknown: string[] = [];
    const counts: number[] = [];
    for (let n = 0; n < CRASHES; n++) {
      const body = `reply ${n}`;
      await setup.put(body);
      if (!(await liveThrough(setup, body, arrives))) unknown.push(body);
      counts.push(sendsOf(setup, body));
    }
    expect(await setup.isEmpty()).toBe(true);
    expect(Math.max(...counts)).toBe(2);
    expect(counts.filter((count) => count === 2).length).toBeGreaterThan(CRASHES / 20);
    expect(unknown.length).toBeGreaterThan(0);
    expect((await setup.unconfirmed()).sort()).toEqual(unknown.sort());
  }, 60_000);
});

/** Every try dies between send and record; true once a receipt has told that one went out. */
async function liveThrough(setup: Mailbox, body: string, arrives: () => boolean): Promise<boolean> {
  const { script, sent } = setup.whatsapp;
  script.always("send", { crash: "after" });
  for (let life = 0; life < 8; life++) {
    const before = sent.length;
    await setup.live();
    if (sent.length > before && arrives()) await setup.receiptOf(sent.at(-1), "sent");
  }
  return isSettled(setup, body);
}

/** Its receipt has told that it went out. */
async function isSettled({ whatsapp, store, key }: OutboundSetup, body: string): Promise<boolean> {
  const taken = whatsapp.sent.find((one) => bodyOf(one) === body);
  if (!taken) return false;
  return (await store.outbounds.get(key.channel, taken.callbackData))?.receipt !== undefined;
}
