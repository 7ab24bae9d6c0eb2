import { beforeEach, describe, expect, test } from "vitest";
import type { MessageReceived } from "../../src/domain/event.ts";
import type { Person } from "../../src/domain/person.ts";
import type { Cipher } from "../../src/store/cipher.ts";
import { keys } from "../../src/store/keys.ts";
import { type OpenQueue, openQueue } from "../queue/running-queue.ts";
import { delivery, messageReceived, nextId, phone, receiptUpdated, userId } from "../support/builders.ts";
import { cipherWith } from "../support/ciphers.ts";
import { keysLike } from "../support/redis.ts";

const at = (time: string) => `2026-11-02T${time}:00.000Z`;
const NOON = Date.parse(at("12:00"));

let queue: OpenQueue;
beforeEach(async () => {
  queue = await openQueue();
});

/** From now on with a cipher; what was written before stays. */
async function encrypt(cipher: Cipher = cipherWith(1)): Promise<void> {
  queue = await openQueue({ channels: queue.channels, cipher });
}

type Said = Partial<Pick<MessageReceived, "formerly">> & { message?: Partial<MessageReceived["message"]> };

async function writes(person: Person, said: Said = {}): Promise<string> {
  const event = messageReceived({ person, ...said });
  const [accepted] = await queue.intake.accept([delivery(queue.channel, event)]);
  return accepted?.person ?? "nobody";
}

/** A receipt opens no window: it tells who somebody is and nothing else. */
async function isTold(person: Person): Promise<string> {
  const event = receiptUpdated({ id: nextId("receipt"), person, at: at("12:00") });
  const [accepted] = await queue.intake.accept([delivery(queue.channel, event)]);
  return accepted?.person ?? "nobody";
}

const place = (person: string) => ({ channel: queue.channel, person });
const recordOf = (person: string) => queue.redis.hgetall(keys.person(queue.channel, person));
const known = (person: string) => queue.store.people.get(place(person));
const talk = (person: string) => queue.store.people.talk(place(person));
const ticketOf = (person: string, id: string) =>
  queue.store.links.saveTicket(place(person), queue.channel, { id, epoch: 1, status: "open" });

const byPhone = { phone: phone(70) };
const byUser = { userId: userId(70) };
const byBoth = { ...byPhone, ...byUser };

/** Both were known apart; what showed them to be one says no more than that. */
async function bothTold(): Promise<{ goes: string; stays: string }> {
  return { goes: await isTold(byPhone), stays: await isTold(byUser) };
}

describe("P04: of two who turn out to be one", () => {
  test("the one that goes leaves nothing but the way to the one that stays", async () => {
    const { goes, stays } = await bothTold();
    const { consents, stops, links } = queue.store;
    const asked = { state: "stop", at: at("10:00"), evidence: "e", source: "message" } as const;
    await consents.note(place(goes), "all", asked);
    await consents.note(place(goes), "marketing", asked);
    await stops.holdTemplates(place(goes), { says: "held", now: NOON });
    await links.saveContact(place(goes), { id: "7", externalId: "whatsapp:7", content: "" });
    expect(await isTold(byBoth)).toBe(stays);
    expect(await recordOf(goes)).toEqual({ sameAs: stays });
    expect(await recordOf(stays)).toEqual(byBoth);
    const left = async (pattern: string) =>
      (await keysLike(queue.redis, `{deskferry:${queue.channel}}:${pattern}:*`)).sort();
    expect(await left("consent")).toEqual([
      keys.consent(queue.channel, stays, "all"),
      keys.consent(queue.channel, stays, "marketing"),
    ]);
    expect(await left("stop")).toEqual([keys.held(queue.channel, stays)]);
    expect(await left("contact")).toEqual([goes, stays].map((id) => keys.contact(queue.channel, id)).sort());
  });

  test("neither of whom ever wrote, asked or was held back, nobody has either", async () => {
    const { goes, stays } = await bothTold();
    expect(await isTold(byBoth)).toBe(stays);
    const now = await talk(stays);
    expect([now.lastMessageAt, now.lastMessageId]).toEqual([undefined, undefined]);
    expect(await queue.store.consents.get(place(goes))).toEqual({});
    expect(await queue.store.stops.heldTemplates(place(goes), 0)).toBeUndefined();
    expect(await queue.store.links.contact(place(stays))).toBeUndefined();
  });

  test.each([
    ["goes", "10:00", "wamid.phone"],
    ["stays", "08:00", "wamid.user"],
  ])("the latest message is that of the one that %s, when that came later", async (_who, time, latest) => {
    await writes(byPhone, { message: { id: "wamid.phone", sentAt: at(time) } });
    const stays = await writes(byUser, { message: { id: "wamid.user", sentAt: at("09:00") } });
    expect(await isTold(byBoth)).toBe(stays);
    expect((await talk(stays)).lastMessageId).toBe(latest);
  });

  test("a reaction of the one that goes opens the window, and the latest message stays the other's", async () => {
    await writes(byPhone, { message: { type: "reaction", sentAt: at("11:00") } });
    const stays = await writes(byUser, { message: { id: "wamid.user", sentAt: at("09:00") } });
    await isTold(byBoth);
    expect(await talk(stays)).toMatchObject({ lastMessageId: "wamid.user", lastMessageAt: at("11:00") });
  });

  test.each([
    ["goes", "stop", "start"],
    ["stays", "start", "stop"],
  ] as const)("who asked for both at once has stopped, be it the one that %s", async (_who, one, other) => {
    const { goes, stays } = await bothTold();
    const asked = (state: "stop" | "start") =>
      ({ state, at: at("10:00"), evidence: "e", source: "message" }) as const;
    await queue.store.consents.note(place(goes), "all", asked(one));
    await queue.store.consents.note(place(stays), "all", asked(other));
    await queue.store.consents.note(place(goes), "marketing", asked("start"));
    await isTold(byBoth);
    expect(await queue.store.consents.get(place(stays))).toEqual({
      all: asked("stop"),
      marketing: asked("start"),
    });
  });

  test.each([
    ["goes", "11:00", "start"],
    ["stays", "09:00", "stop"],
  ] as const)("what the one that %s asked for last counts for both", async (_who, time, counts) => {
    const { goes, stays } = await bothTold();
    const asked = (state: "stop" | "start", when: string) =>
      ({ state, at: at(when), evidence: "e", source: "message" }) as const;
    await queue.store.consents.note(place(goes), "marketing", asked("start", time));
    await queue.store.consents.note(place(stays), "marketing", asked("stop", "10:00"));
    await isTold(byBoth);
    expect((await queue.store.consents.get(place(stays))).marketing?.state).toBe(counts);
  });

  test("when both are held back until the same moment, what was said to the one that stays is said", async () => {
    const { goes, stays } = await bothTold();
    await queue.store.stops.holdTemplates(place(goes), { says: "to the one that goes", now: NOON });
    await queue.store.stops.holdTemplates(place(stays), { says: "to the one that stays", now: NOON });
    await isTold(byBoth);
    expect(await queue.store.stops.heldTemplates(place(goes), NOON)).toBe("to the one that stays");
  });

  test("a hold whose end has one digit more is the later one", async () => {
    const { goes, stays } = await bothTold();
    const lasts = 24 * 3_600_000;
    await queue.store.stops.holdTemplates(place(goes), { says: "later", now: 10_000_000_000 - lasts });
    await queue.store.stops.holdTemplates(place(stays), { says: "earlier", now: 9_999_999_999 - lasts });
    await isTold(byBoth);
    expect(await queue.store.stops.heldTemplates(place(stays), 9_000_000_000)).toBe("later");
  });

  test("the one without a ticket goes, and what it was known by goes along", async () => {
    const { goes, stays } = { goes: await isTold(byUser), stays: await isTold({ ...byPhone, name: "Ada" }) };
    await ticketOf(stays, "1");
    expect(await isTold(byBoth)).toBe(stays);
    expect(await recordOf(goes)).toEqual({ sameAs: stays });
    expect(await recordOf(stays)).toEqual({ ...byBoth, name: "Ada" });
  });

  test("the one that stays keeps its own name and number", async () => {
    const stays = await isTold({ ...byUser, phone: phone(71), name: "Ada" });
    const goes = await isTold({ userId: userId(72), phone: phone(72), name: "Bob" });
    expect(await writes({ userId: userId(72) }, { formerly: byUser })).toBe(stays);
    expect(await known(goes)).toMatchObject({ userId: userId(72), phone: phone(71), name: "Ada" });
  });

  test("that has a number, the one that stays takes what else the other was known by", async () => {
    const stays = await isTold({ ...byUser, phone: phone(71) });
    await isTold({ userId: userId(72), phone: phone(72), name: "Bob" });
    expect(await writes({ userId: userId(72) }, { formerly: byUser })).toBe(stays);
    expect(await known(stays)).toMatchObject({ phone: phone(71), name: "Bob" });
  });

  test("found twice by one notice, and with the ticket at the one found second, are joined there", async () => {
    const first = await isTold(byUser);
    const second = await writes({ phone: phone(75) }, { formerly: { userId: userId(76), phone: phone(74) } });
    await ticketOf(second, "1");
    const formerly = { userId: userId(70), phone: phone(74) };
    expect(await writes({ userId: userId(76) }, { formerly })).toBe(second);
    expect(await recordOf(first)).toEqual({ sameAs: second });
    expect((await queue.store.links.ticket(place(second)))?.id).toBe("1");
  });
});

describe("P04: a number that somebody is shown with for the first time", () => {
  test("joins nobody to its last owner, when they have a number of their own", async () => {
    const ada = await isTold({ userId: userId(1), phone: phone(1) });
    const bob = await isTold({ phone: phone(2) });
    expect(await isTold({ userId: userId(1), phone: phone(2) })).toBe(ada);
    expect(await recordOf(bob)).toEqual({});
    expect((await known(ada)).phone).toBe(phone(2));
  });

  test("joins nobody to its last owner, when a change of the user id is announced", async () => {
    const ada = await isTold({ userId: userId(1) });
    const bob = await isTold({ phone: phone(2) });
    const formerly = { userId: userId(1) };
    expect(await writes({ userId: userId(3), phone: phone(2) }, { formerly })).toBe(ada);
    expect(await recordOf(bob)).toEqual({});
  });
});

describe("P04: encrypted, of two who turn out to be one", () => {
  test("the number of the one that goes is known to be theirs, and can be taken from them", async () => {
    await encrypt();
    const stays = await isTold({ userId: userId(1) });
    await isTold({ userId: userId(2), phone: phone(2), name: "Ada" });
    expect(await writes({ userId: userId(2) }, { formerly: { userId: userId(1) } })).toBe(stays);
    expect((await known(stays)).phone).toBe(phone(2));
    await isTold({ userId: userId(3), phone: phone(2) });
    expect((await known(stays)).phone).toBeUndefined();
    expect((await known(stays)).name).toBe("Ada");
  });

  test("a number from before encryption stays, when the other's number is somebody else's by then", async () => {
    const stays = await isTold({ userId: userId(1), phone: phone(1) });
    await encrypt();
    await isTold({ userId: userId(2), phone: phone(2), name: "Ada" });
    expect(await writes({ userId: userId(2) }, { formerly: { userId: userId(1) } })).toBe(stays);
    await isTold({ userId: userId(3), phone: phone(2) });
    expect(await known(stays)).toMatchObject({ phone: phone(1), name: "Ada" });
  });
});
