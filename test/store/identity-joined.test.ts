import { beforeEach, describe, expect, test } from "vitest";
import type { MessageReceived } from "../../src/domain/event.ts";
import type { Person } from "../../src/domain/person.ts";
import { type OpenQueue, openQueue } from "../queue/running-queue.ts";
import { delivery, messageReceived, phone, userId } from "../support/builders.ts";
import { keysLike } from "../support/redis.ts";

let queue: OpenQueue;
beforeEach(async () => {
  queue = await openQueue();
});

/** Takes a message in and tells whose mailbox it went to. */
async function sight(person: Person, event: Partial<MessageReceived> = {}): Promise<string> {
  const item = delivery(queue.channel, messageReceived({ ...event, person }));
  const [accepted] = await queue.intake.accept([item]);
  return accepted?.person ?? "nobody";
}

const known = (person: string) => queue.store.people.get({ channel: queue.channel, person });

describe("P04: two mailboxes that turn out to be one person's", () => {
  const at = (time: string) => ({ message: { ...messageReceived().message, sentAt: time } });
  const key = (person: string) => ({ channel: queue.channel, person });
  const byPhone = { phone: phone(70) };
  const byUser = { userId: userId(70) };
  const byBoth = { ...byPhone, ...byUser };
  const ticketOf = (person: string, id: string) =>
    queue.store.links.saveTicket(key(person), queue.channel, { id, epoch: 1, status: "open" });
  const contactOf = (person: string, id: string) =>
    queue.store.links.saveContact(key(person), { id, externalId: `whatsapp:${id}`, content: "" });

  test("are both answered to the ids that are known by now, and share the window", async () => {
    const first = await sight(byPhone, at("2026-11-02T10:00:00.000Z"));
    const second = await sight(byUser, at("2026-11-02T09:00:00.000Z"));
    expect(await sight(byBoth, at("2026-11-02T08:00:00.000Z"))).toBe(second);
    expect(await known(first)).toEqual(await known(second));
    expect(await known(first)).toEqual({ ...byBoth, lastMessageAt: "2026-11-02T10:00:00.000Z" });
  });

  test("keep what only one of them was known by: the name, the advertisement, the latest message", async () => {
    const ad = messageReceived({
      message: { ...at("2026-11-02T10:00:00.000Z").message, id: "wamid.ad", referral: { source_type: "ad" } },
    });
    await sight({ ...byPhone, name: "Ann Other" }, ad);
    const second = await sight(byUser, at("2026-11-02T09:00:00.000Z"));
    expect(await sight(byBoth, at("2026-11-02T08:00:00.000Z"))).toBe(second);
    expect(await known(second)).toEqual({
      ...byBoth,
      name: "Ann Other",
      lastMessageAt: "2026-11-02T10:00:00.000Z",
    });
    expect(await queue.store.people.talk(key(second))).toMatchObject({
      lastMessageId: "wamid.ad",
      adAt: "2026-11-02T10:00:00.000Z",
    });
  });

  test("are led to by the numbers that were told, and by no other; a user id leads there by itself", async () => {
    const aliases = async () => (await keysLike(queue.redis, `{deskferry:${queue.channel}}:alias:*`)).length;
    const second = await sight(byUser);
    expect(await aliases()).toBe(0);
    const first = await sight(byPhone);
    expect(await aliases()).toBe(1);
    expect([await sight(byPhone), await sight(byUser)]).toEqual([first, second]);
    expect(await sight(byBoth)).toBe(second);
    expect(await sight(byUser)).toBe(second);
    expect(await aliases()).toBe(1);
  });

  test("go on where the ticket is", async () => {
    const first = await sight(byPhone);
    const second = await sight(byUser);
    await ticketOf(first, "1");
    expect(await sight(byBoth)).toBe(first);
    expect(await sight(byUser)).toBe(first);
    expect(await known(second)).toMatchObject(byBoth);
  });

  test("with a ticket each, go on at the user id's", async () => {
    const first = await sight(byPhone);
    const second = await sight(byUser);
    await ticketOf(first, "1");
    await ticketOf(second, "2");
    expect(await sight(byBoth)).toBe(second);
    expect((await queue.store.links.ticket(key(first)))?.id).toBe("1");
  });

  test.each([
    ["of the one that goes", "phone"],
    ["of the one that stays", "user"],
  ])("keep the stop of templates %s, under all ids, and the later end of two", async (_of, held) => {
    const now = Date.parse("2026-11-02T10:00:00.000Z");
    const { stops } = queue.store;
    const first = await sight(byPhone);
    const second = await sight(byUser);
    await stops.holdTemplates(key(held === "phone" ? first : second), { says: "the later", now });
    await stops.holdTemplates(key(held === "phone" ? second : first), {
      says: "the earlier",
      now: now - 1000,
    });
    expect(await sight(byBoth)).toBe(second);
    for (const person of [first, second]) {
      expect(await stops.heldTemplates(key(person), now)).toBe("the later");
      expect(await stops.heldTemplates(key(person), now + 24 * 3_600_000)).toBeUndefined();
    }
    // A refusal of what still went to the one that is gone counts for both.
    await stops.holdTemplates(key(first), { says: "again", now: now + 1000 });
    expect(await stops.heldTemplates(key(second), now + 24 * 3_600_000)).toBe("again");
  });

  test("keep what each asked for last of all messages, and of marketing alone", async () => {
    const { consents } = queue.store;
    const first = await sight(byPhone);
    const second = await sight(byUser);
    const ask = (hour: number, state: "stop" | "start") =>
      ({ state, at: `2026-11-02T${hour}:00:00.000Z`, evidence: "e", source: "message" }) as const;
    await consents.note(key(first), "all", ask(10, "stop"));
    await consents.note(key(second), "all", ask(11, "start"));
    await consents.note(key(first), "marketing", ask(12, "stop"));
    await sight(byBoth);
    for (const person of [first, second]) {
      expect(await consents.get(key(person))).toEqual({ all: ask(11, "start"), marketing: ask(12, "stop") });
    }
  });

  test.each([
    ["of the one that goes", "phone", ["phone"]],
    ["of the one that stays", "user", ["user"]],
    ["of the one that stays, of two", "user", ["phone", "user"]],
  ])("are linked to one contact: the one %s", async (_case, expected, linked) => {
    const people = { phone: await sight(byPhone), user: await sight(byUser) };
    for (const name of linked) await contactOf(name === "phone" ? people.phone : people.user, name);
    await sight(byBoth);
    for (const person of [people.phone, people.user]) {
      expect((await queue.store.links.contact(key(person)))?.id).toBe(expected);
    }
  });

  test("the webhook that showed it changes nothing when it comes again", async () => {
    await sight(byPhone);
    const second = await sight(byUser);
    const event = messageReceived({ person: byBoth });
    const items = [event, event].map((one) => delivery(queue.channel, one));
    expect(await queue.intake.accept(items)).toEqual([
      { fresh: true, person: second },
      { fresh: false, person: second },
    ]);
  });

  test("who lost a number to somebody afterwards is not written to under it, on either ticket", async () => {
    const first = await sight(byPhone);
    await sight(byUser);
    await sight(byBoth);
    await sight({ ...byPhone, userId: userId(71) });
    expect((await known(first)).phone).toBeUndefined();
    expect((await known(first)).userId).toBe(userId(70));
  });

  test("three known apart, joined by a late notice, are one", async () => {
    const old = await sight(byUser);
    await sight({ phone: phone(72) });
    await sight({ userId: userId(73), phone: phone(73) });
    const formerly = { userId: userId(70), phone: phone(72) };
    expect(await sight({ userId: userId(73), phone: phone(73) }, { formerly })).toBe(old);
    for (const shown of [byUser, { phone: phone(72) }, { userId: userId(73) }, { phone: phone(73) }]) {
      expect(await sight(shown)).toBe(old);
    }
  });

  test("found twice by one notice, under a user id and a phone number, are joined once", async () => {
    const old = await sight(byUser);
    await sight({ phone: phone(75) }, { formerly: { userId: userId(76), phone: phone(74) } });
    const formerly = { userId: userId(70), phone: phone(74) };
    expect(await sight({ userId: userId(76) }, { formerly })).toBe(old);
    expect(await sight({ phone: phone(75) })).toBe(old);
    expect((await known(old)).userId).toBe(userId(76));
  });
});

test("P04: a late notice without a new user id does not take a number from whom it belongs to by now", async () => {
  const heir = await sight({ userId: userId(80), phone: phone(80) });
  const formerly = { userId: userId(81), phone: phone(80) };
  expect(await sight({ phone: phone(81) }, { formerly })).not.toBe(heir);
  expect((await known(heir)).phone).toBe(phone(80));
});
