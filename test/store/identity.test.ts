import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { MessageReceived } from "../../src/domain/event.ts";
import type { Person } from "../../src/domain/person.ts";
import { personIdOf } from "../../src/domain/person.ts";
import { createIntake, type Intake } from "../../src/queue/intake.ts";
import { createWakeQueues } from "../../src/queue/wake-queues.ts";
import { type OpenQueue, openQueue } from "../queue/running-queue.ts";
import {
  delivery,
  messageReceived,
  noteRequested,
  phone,
  receiptUpdated,
  userId,
} from "../support/builders.ts";
import { openRedis } from "../support/redis.ts";

let queue: OpenQueue;
beforeEach(async () => {
  queue = await openQueue();
});

/** As a second process would have it: own connection, same channel. */
async function anotherIntake(channel: string): Promise<Intake> {
  const queues = createWakeQueues(await openRedis("intake"), [channel]);
  onTestFinished(() => queues.close());
  return createIntake(queues);
}

/** Takes a message in and tells whose mailbox it went to. */
async function sight(person: Person, event: Partial<MessageReceived> = {}): Promise<string> {
  const item = delivery(queue.channel, messageReceived({ ...event, person }));
  const [accepted] = await queue.intake.accept([item]);
  return accepted?.person ?? "nobody";
}

const known = (person: string) => queue.store.people.get({ channel: queue.channel, person });

describe("P04: a person is recognised", () => {
  test("seen by phone only, then by phone and user id, is one person", async () => {
    const first = await sight({ phone: phone(1) });
    expect(await sight({ phone: phone(1), userId: userId(1) })).toBe(first);
    expect(await sight({ userId: userId(1) })).toBe(first);
    expect(await known(first)).toMatchObject({ phone: phone(1), userId: userId(1) });
  });

  test("seen by user id only, later with a phone, is one person", async () => {
    const first = await sight({ userId: userId(2) });
    expect(await sight({ userId: userId(2), phone: phone(2) })).toBe(first);
    expect(await sight({ phone: phone(2) })).toBe(first);
  });

  test("a phone handed to somebody with another user id is another person", async () => {
    const before = await sight({ phone: phone(3), userId: userId(3) });
    const after = await sight({ phone: phone(3), userId: userId(4) });
    expect(after).not.toBe(before);
    expect(await sight({ phone: phone(3) })).toBe(after);
    expect(await sight({ userId: userId(3) })).toBe(before);
  });

  test("who lost their phone number to somebody else is no longer written to under it", async () => {
    const before = await sight({ phone: phone(5), userId: userId(5) });
    const after = await sight({ phone: phone(5), userId: userId(6) });
    expect((await known(before)).phone).toBeUndefined();
    expect((await known(before)).userId).toBe(userId(5));
    expect((await known(after)).phone).toBe(phone(5));
  });

  test("who got a new phone number keeps the mailbox, and is written to under the new one", async () => {
    const first = await sight({ phone: phone(7), userId: userId(7) });
    expect(await sight({ phone: phone(8), userId: userId(7) })).toBe(first);
    expect((await known(first)).phone).toBe(phone(8));
  });

  test("a new number announced by a system message leads to the same mailbox", async () => {
    const first = await sight({ phone: phone(10) });
    const formerly = { phone: phone(10) };
    expect(await sight({ phone: phone(11) }, { formerly })).toBe(first);
    expect(await sight({ phone: phone(11) })).toBe(first);
  });

  test("a new user id announced by a system message leads to the same mailbox", async () => {
    const first = await sight({ userId: userId(12), phone: phone(12) });
    const formerly = { userId: userId(12) };
    expect(await sight({ userId: userId(13) }, { formerly })).toBe(first);
    expect(await sight({ userId: userId(13) })).toBe(first);
    expect(await sight({ userId: userId(13), phone: phone(12) })).toBe(first);
    expect((await known(first)).userId).toBe(userId(13));
  });

  test("an announced change of a number that meanwhile belongs to somebody else mixes nobody", async () => {
    const old = await sight({ userId: userId(14), phone: phone(14) });
    const heir = await sight({ userId: userId(15), phone: phone(14) });
    const formerly = { phone: phone(14) };
    const late = await sight({ userId: userId(14), phone: phone(16) }, { formerly });
    expect(late).toBe(old);
    expect(late).not.toBe(heir);
  });

  test("a stranger's announced change tells all their ids, the former ones too", async () => {
    const formerly = { userId: userId(50), phone: phone(50) };
    const first = await sight({ userId: userId(51), phone: phone(51) }, { formerly });
    const shown = [formerly, { phone: phone(50) }, { userId: userId(50) }, { phone: phone(51) }];
    for (const who of shown) expect(await sight(who)).toBe(first);
  });

  test("a former user id that was unknown is linked to the person", async () => {
    const first = await sight({ userId: userId(60) });
    expect(await sight({ userId: userId(60) }, { formerly: { userId: userId(61) } })).toBe(first);
    expect(await sight({ userId: userId(61) })).toBe(first);
  });

  test("a former phone that was unknown is linked to the person", async () => {
    const first = await sight({ userId: userId(52), phone: phone(52) });
    const formerly = { phone: phone(53) };
    expect(await sight({ userId: userId(52), phone: phone(54) }, { formerly })).toBe(first);
    expect(await sight({ phone: phone(53) })).toBe(first);
  });

  test("an announced change does not take a former number from whom it belongs to by now", async () => {
    const heir = await sight({ userId: userId(55), phone: phone(56) });
    const formerly = { phone: phone(56) };
    const late = await sight({ userId: userId(57), phone: phone(58) }, { formerly });
    expect(late).not.toBe(heir);
    expect(await sight({ phone: phone(56) })).toBe(heir);
  });

  test("of whom nothing was known before an announced change has the id of the first name", async () => {
    const formerly = { userId: userId(17) };
    expect(await sight({ userId: userId(18) }, { formerly })).toBe(personIdOf(`user:${userId(17)}`));
    expect(await sight({ userId: userId(17) })).toBe(personIdOf(`user:${userId(17)}`));
  });

  test("first sight over two intakes at once makes one person", async () => {
    const second = await anotherIntake(queue.channel);
    for (let n = 20; n < 40; n++) {
      const shown = [
        { phone: phone(n), userId: userId(n) },
        { phone: phone(n), userId: userId(n), name: "Ada" },
      ];
      const items = shown.map((who) => delivery(queue.channel, messageReceived({ person: who })));
      const answers = await Promise.all(
        items.map((item, index) => (index === 0 ? queue.intake : second).accept([item])),
      );
      expect(new Set(answers.flat().map(({ person }) => person)).size).toBe(1);
    }
  });

  test("shown by one name to each of two intakes, once both are known to belong together", async () => {
    const second = await anotherIntake(queue.channel);
    const first = await sight({ phone: phone(40), userId: userId(40) });
    const shown = Array.from({ length: 40 }, (_, n) =>
      n % 2 ? { phone: phone(40) } : { userId: userId(40) },
    );
    const answers = await Promise.all(
      shown.map((who, n) =>
        (n % 3 ? queue.intake : second).accept([delivery(queue.channel, messageReceived({ person: who }))]),
      ),
    );
    expect(new Set(answers.flat().map(({ person }) => person))).toEqual(new Set([first]));
  });
});

describe("the window", () => {
  const at = (time: string) => ({ message: { ...messageReceived().message, sentAt: time } });

  test("counts from the newest message, whatever the order of arrival", async () => {
    const who = { phone: phone(30) };
    const id = await sight(who, at("2026-11-02T10:00:00.000Z"));
    await sight(who, at("2026-11-02T09:00:00.000Z"));
    expect((await known(id)).lastMessageAt).toBe("2026-11-02T10:00:00.000Z");
    await sight(who, at("2026-11-02T11:00:00.000Z"));
    expect((await known(id)).lastMessageAt).toBe("2026-11-02T11:00:00.000Z");
  });

  test("is not moved by a repeat, a receipt or a note", async () => {
    const who = { phone: phone(31) };
    const first = messageReceived({ person: who, ...at("2026-11-02T10:00:00.000Z") });
    const receipt = receiptUpdated({ person: who, at: "2026-11-02T12:00:00.000Z" });
    const items = [first, { ...first, ...at("2026-11-02T13:00:00.000Z") }, receipt].map((event) =>
      delivery(queue.channel, event),
    );
    const [{ person = "" } = {}] = await queue.intake.accept(items);
    await queue.intake.accept([delivery(queue.channel, noteRequested(), { id: person })]);
    expect((await known(person)).lastMessageAt).toBe("2026-11-02T10:00:00.000Z");
  });

  test.each(["system", "welcome"] as const)("is not opened by a notice of the type %s", async (type) => {
    const message = { ...messageReceived().message, type, sentAt: "2026-11-02T10:00:00.000Z" };
    const id = await sight({ phone: phone(type === "system" ? 33 : 34) }, { message });
    expect((await known(id)).lastMessageAt).toBeUndefined();
  });

  test("is unknown for whom only receipts have shown", async () => {
    const [{ person = "" } = {}] = await queue.intake.accept([
      delivery(queue.channel, receiptUpdated({ person: { phone: phone(32) } })),
    ]);
    expect(await known(person)).toEqual({ phone: phone(32) });
    const nothing = { lastMessageAt: undefined, lastMessageId: undefined, adAt: undefined };
    expect(await queue.store.people.talk({ channel: queue.channel, person })).toMatchObject(nothing);
  });
});

test("a person known by name keeps the name when a later payload has none", async () => {
  const id = await sight({ phone: phone(33), name: "Ada" });
  await sight({ phone: phone(33) });
  expect((await known(id)).name).toBe("Ada");
});

test("channels keep their people apart", async () => {
  const two = await openQueue({ channels: 2 });
  const items = two.channels.map((channel) =>
    delivery(channel, messageReceived({ id: "same", person: { phone: phone(34), name: channel } })),
  );
  expect(await two.intake.accept(items)).toMatchObject([{ fresh: true }, { fresh: true }]);
  for (const channel of two.channels) {
    const person = personIdOf(`phone:${phone(34)}`);
    expect((await two.store.people.get({ channel, person })).name).toBe(channel);
  }
});
