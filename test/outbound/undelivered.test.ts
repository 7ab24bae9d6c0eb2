import { describe, expect, it } from "vitest";
import { tellUndelivered } from "../../src/outbound/tell-undelivered.ts";
import { commentAdded, receiptUpdated } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { type OutboundSetup, type SetupOptions, setUpOutbound } from "./outbound-setup.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LATE = "has not been delivered so far: the phone may be off. WhatsApp goes on trying.";
const LOST =
  "was not delivered: WhatsApp has not reported that it reached the phone, and does not try any more.";

/** One reply, which WhatsApp took, and a round of looking at any time after it. */
async function setUpSent(options: SetupOptions = {}, body = "We are on our way") {
  const setup = await setUpOutbound(options);
  const name = `The WhatsApp message of ${setup.clock.iso().slice(0, 16).replace("T", " ")} UTC`;
  await setup.comment(commentAdded({ body }));
  const look = () => tellUndelivered(setup.key.channel, setup.tools);
  return {
    ...setup,
    name,
    look,
    async lookAfter(ms: number): Promise<string[]> {
      setup.clock.advance(ms);
      await look();
      return texts(setup);
    },
    waiting: () => setup.store.undelivered.count(setup.key.channel),
  };
}

const texts = ({ notes }: Pick<OutboundSetup, "notes">) => [...notes.values()].map(({ text }) => text);

describe("P12, P36: a message without word that it was delivered", () => {
  it("is told after a day, and once more when its life is over; never twice", async () => {
    const setup = await setUpSent();
    expect(await setup.lookAfter(DAY_MS - 1)).toEqual([]);
    expect(await setup.lookAfter(1)).toEqual([`${setup.name} ${LATE}`]);
    for (let day = 0; day < 28; day++) await setup.lookAfter(DAY_MS);
    expect(await setup.lookAfter(DAY_MS + HOUR_MS - 1)).toHaveLength(1);
    expect(await setup.lookAfter(1)).toEqual([`${setup.name} ${LATE}`, `${setup.name} ${LOST}`]);
    expect(await setup.lookAfter(DAY_MS)).toHaveLength(2);
    expect(await setup.waiting()).toBe(0);
  });

  it("is one that WhatsApp only says to have sent", async () => {
    const setup = await setUpSent();
    await setup.receiptOf(setup.whatsapp.sent[0], "sent");
    expect(await setup.lookAfter(DAY_MS)).toEqual([`${setup.name} ${LATE}`]);
  });

  it.each(["delivered", "read", "played", "failed"] as const)("is not one that was %s", async (state) => {
    const setup = await setUpSent();
    await setup.receiptOf(setup.whatsapp.sent[0], state);
    const known = texts(setup);
    expect(await setup.waiting()).toBe(0);
    expect(await setup.lookAfter(40 * DAY_MS)).toEqual(known);
  });

  it("is corrected, once, when it arrives after all; not when nothing was told", async () => {
    const setup = await setUpSent();
    await setup.lookAfter(2 * DAY_MS);
    await setup.receiptOf(setup.whatsapp.sent[0], "delivered");
    await setup.receiptOf(setup.whatsapp.sent[0], "read");
    expect(await setup.lookAfter(40 * DAY_MS)).toEqual([
      `${setup.name} ${LATE}`,
      `${setup.name} has reached the phone after all.`,
    ]);
  });

  it("of several parts is told with one note", async () => {
    const setup = await setUpSent({}, "one two ".repeat(1200));
    expect(setup.whatsapp.sent.length).toBeGreaterThan(2);
    expect(await setup.lookAfter(DAY_MS)).toHaveLength(1);
  });

  it("names the template that it was", async () => {
    const setup = await setUpSent();
    setup.clock.advance(30 * HOUR_MS);
    await setup.comment(commentAdded());
    await setup.lookAfter(DAY_MS);
    expect(texts(setup).at(-1)).toMatch(/ UTC \(template staff_reply\) has not been delivered so far/);
  });

  it("is nothing that WhatsApp refused, or may not have taken", async () => {
    const setup = await setUpSent();
    await setup.receiptOf(setup.whatsapp.sent[0], "delivered");
    setup.whatsapp.script.next("send", fails("unavailable"), lostAnswer());
    await failureOf(setup.comment(commentAdded()));
    await failureOf(setup.comment(commentAdded()));
    expect(await setup.lookAfter(40 * DAY_MS)).toEqual([]);
    expect(await setup.waiting()).toBe(0);
  });
});

describe("looking for what was not delivered", () => {
  it("keeps to the route's own times; 0 tells only what is lost", async () => {
    const patience = { tellAfterMs: 0, giveUpAfterMs: 12 * HOUR_MS };
    const setup = await setUpSent({ tools: { patience } });
    expect(await setup.lookAfter(13 * HOUR_MS - 1)).toEqual([]);
    expect(await setup.lookAfter(1)).toEqual([`${setup.name} ${LOST}`]);
  });

  it("is done by one worker for each message, and by another if that one dies", async () => {
    const setup = await setUpSent();
    const { key, store, clock, tools } = setup;
    clock.advance(DAY_MS);
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => store.undelivered.claim(key.channel, clock.now(), 100)),
    );
    expect(claims.flat()).toHaveLength(1);
    expect(await setup.lookAfter(599_999)).toEqual([]);
    const dies = { ...tools, requestNote: () => Promise.reject(new Error("killed")) };
    clock.advance(1);
    await expect(tellUndelivered(key.channel, dies)).rejects.toThrow("killed");
    expect(await setup.lookAfter(600_000)).toEqual([`${setup.name} ${LATE}`]);
  });

  it("takes a hundred a round, and in the end all", async () => {
    const setup = await setUpSent();
    const { key, store, clock, tools } = setup;
    const now = clock.now();
    for (let n = 0; n < 249; n++) {
      const intent = `e${n}-0`;
      await store.outbounds.begin(key.channel, intent, { person: key.person, now, lookAt: now + DAY_MS });
      await store.outbounds.sent(key.channel, intent, `wamid.${n}`);
    }
    const counts: number[] = [];
    for (const ms of [DAY_MS, 1, 1, 1]) counts.push((await setup.lookAfter(ms)).length);
    expect(counts).toEqual([100, 200, 250, 250]);
    const { values } = await tools.metrics.undelivered.get();
    expect(values).toMatchObject([{ labels: { stage: "late" }, value: 250 }]);
  });

  it("knows the message for as long as WhatsApp may deliver it", async () => {
    const setup = await setUpSent();
    await setup.lookAfter(30 * DAY_MS + HOUR_MS);
    const errors = [{ code: 131026, title: "As Meta puts it" }];
    const { messageId = "" } = setup.whatsapp.sent[0] ?? {};
    await setup.receipt(receiptUpdated({ receipt: { messageId, state: "failed", errors } }));
    expect(texts(setup)).toHaveLength(2);
  });
});
