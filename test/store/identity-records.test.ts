import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type PrivateRedis, startPrivateRedis } from "../../scripts/private-redis.ts";
import type { Event, MessageReceived } from "../../src/domain/event.ts";
import { type Person, personIdOf } from "../../src/domain/person.ts";
import { type Cipher, noCipher } from "../../src/store/cipher.ts";
import { keys } from "../../src/store/keys.ts";
import { type OpenQueue, openQueue } from "../queue/running-queue.ts";
import {
  delivery,
  messageReceived,
  nextId,
  noteRequested,
  phone,
  receiptUpdated,
  userId,
} from "../support/builders.ts";
import { cipherWith } from "../support/ciphers.ts";
import { keysLike, openRedis } from "../support/redis.ts";

const at = (time: string) => `2026-11-02T${time}:00.000Z`;

/** Of our own: what MONITOR is told at once, by others, confuses ioredis. */
let server: PrivateRedis;
beforeAll(async () => {
  server = await startPrivateRedis({ say: () => undefined });
});
afterAll(() => server.stop());

let queue: OpenQueue;
beforeEach(async () => {
  queue = await openQueue({ url: server.url });
});

/** From now on with a cipher; what was written before stays. */
async function encrypt(cipher: Cipher = cipherWith(1)): Promise<void> {
  queue = await openQueue({ url: server.url, channels: queue.channels, cipher });
}

async function take(event: Event): Promise<string> {
  const [accepted] = await queue.intake.accept([delivery(queue.channel, event)]);
  return accepted?.person ?? "nobody";
}

type Said = Partial<Pick<MessageReceived, "formerly">> & { message?: Partial<MessageReceived["message"]> };
const writes = (person: Person, said: Said = {}) => take(messageReceived({ person, ...said }));
/** A receipt opens no window: it tells who somebody is and nothing else. */
const isTold = (person: Person) => take(receiptUpdated({ id: nextId("receipt"), person, at: at("12:00") }));

const recordOf = (person: string) => queue.redis.hgetall(keys.person(queue.channel, person));
const known = (person: string) => queue.store.people.get({ channel: queue.channel, person });
const talk = (person: string) => queue.store.people.talk({ channel: queue.channel, person });
const aliasesOf = async () => (await keysLike(queue.redis, keys.alias(queue.channel, "*"))).length;

/** What is changed meanwhile of the channel's people and of who is led to by what, as the append-only file gets it. */
async function changesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const monitor = await (await openRedis("worker", server.url)).monitor();
  onTestFinished(() => monitor.disconnect());
  const found: string[] = [];
  const done = new Promise<void>((resolve) => {
    monitor.on("monitor", (_time: string, [command = "", key = "", field = ""]: string[]) => {
      const [, channel = ""] = /^\{deskferry:([^}]*)\}:(?:person|alias):/.exec(key) ?? [];
      if (key === `end of ${queue.channel}`) resolve();
      if (channel !== queue.channel || !/^(?:h?set|hsetnx|h?del)$/i.test(command)) return;
      found.push(key.includes("}:alias:") ? `${command} alias` : `${command} ${field}`);
    });
  });
  await work();
  await queue.redis.echo(`end of ${queue.channel}`);
  await done;
  return found.map((line) => line.toLowerCase());
}

describe("of a person stands in Redis", () => {
  test("what the payloads showed, and nothing else", async () => {
    const said = { id: "wamid.1", sentAt: at("10:00"), referral: { source_type: "ad" } };
    const id = await writes({ userId: userId(1), phone: phone(1), name: "Ada" }, { message: said });
    expect(await recordOf(id)).toEqual({
      ...{ userId: userId(1), phone: phone(1), name: "Ada" },
      ...{ lastMessageAt: at("10:00"), lastMessageId: "wamid.1", adAt: at("10:00") },
    });
    expect(await recordOf(await isTold({ phone: phone(2) }))).toEqual({ phone: phone(2) });
    expect(await recordOf(await isTold({ userId: userId(3) }))).toEqual({ userId: userId(3) });
  });

  test("encrypted, the same and by which name the number goes; nothing in place of what was not shown", async () => {
    await encrypt();
    const both = await isTold({ userId: userId(1), phone: phone(1) });
    expect(Object.keys(await recordOf(both)).sort()).toEqual(["phone", "phoneName", "userId"]);
    const [name] = cipherWith(1).namesOf(`phone:${phone(1)}`);
    expect((await recordOf(both))["phoneName"]).toBe(name);
    expect(Object.keys(await recordOf(await isTold({ userId: userId(2) })))).toEqual(["userId"]);
  });

  test("the newest of each: another number, user id, name or advertisement takes the place of the last", async () => {
    const byAd = (time: string) => ({ message: { sentAt: at(time), referral: { ctwa_clid: "x" } } });
    const first = await writes({ userId: userId(1), phone: phone(1), name: "Ada" }, byAd("10:00"));
    const formerly = { userId: userId(1) };
    const now = { userId: userId(2), phone: phone(2), name: "Ada L." };
    expect(await writes(now, { ...byAd("11:00"), formerly })).toBe(first);
    expect(await recordOf(first)).toMatchObject({ ...now, adAt: at("11:00") });
    // Both numbers and the second user id: the first leads to its own person by itself.
    expect(await aliasesOf()).toBe(3);
  });

  test("nothing for whom an event shows by nothing, or by our own id", async () => {
    const [one, other] = [await writes({}), await writes({})];
    expect(one).not.toBe(other);
    await queue.intake.accept([delivery(queue.channel, messageReceived(), { id: "ada" })]);
    await queue.intake.accept([delivery(queue.channel, noteRequested(), { id: "ada" })]);
    expect(await keysLike(queue.redis, keys.person(queue.channel, "*"))).toEqual([]);
    expect(await aliasesOf()).toBe(0);
  });
});

describe("what shows nothing new of a person", () => {
  const ada = { userId: userId(1), phone: phone(1), name: "Ada" };

  test("writes nothing about them, and what shows something new writes that alone", async () => {
    const id = await isTold(ada);
    expect(await changesDuring(() => isTold(ada))).toEqual([]);
    expect(await changesDuring(() => isTold({ userId: userId(1) }))).toEqual([]);
    expect(await changesDuring(() => isTold({ phone: phone(1) }))).toEqual([]);
    expect(await changesDuring(() => isTold({ ...ada, name: "Ada L." }))).toEqual(["hset name"]);
    expect(await isTold(ada)).toBe(id);
  });

  test("writes the time of the message alone, whatever led here, until another advertisement does", async () => {
    const said = (sentAt: string) => ({ message: { sentAt: at(sentAt), referral: { ctwa_clid: "x" } } });
    await writes(ada, said("10:00"));
    expect(await changesDuring(() => writes(ada, said("10:00")))).toEqual(["hset lastmessageat"]);
    expect(await changesDuring(() => writes(ada, said("09:00")))).toEqual(["hset adat"]);
  });

  test("encrypted, writes the name of the number once, and leads to the person once", async () => {
    await encrypt();
    await isTold(ada);
    expect(await changesDuring(() => isTold(ada))).toEqual(["hset userid", "hset phone", "hset name"]);
  });
});

describe("the latest message of a person", () => {
  const ada = { phone: phone(1) };

  test("is the one that came last of those of one second", async () => {
    const id = await writes(ada, { message: { id: "wamid.1", sentAt: at("10:00") } });
    await writes(ada, { message: { id: "wamid.2", sentAt: at("10:00") } });
    await writes(ada, { message: { id: "wamid.3", sentAt: at("09:59") } });
    expect(await talk(id)).toMatchObject({ lastMessageId: "wamid.2", lastMessageAt: at("10:00") });
  });

  test("is not the reaction that they gave since, which opens the window all the same", async () => {
    const id = await writes(ada, { message: { id: "wamid.1", sentAt: at("10:00") } });
    await writes(ada, { message: { id: "wamid.2", sentAt: at("11:00"), type: "reaction" } });
    expect(await talk(id)).toMatchObject({ lastMessageId: "wamid.1", lastMessageAt: at("11:00") });
    const other = await writes({ phone: phone(2) }, { message: { sentAt: at("11:00"), type: "reaction" } });
    expect(await recordOf(other)).toEqual({ phone: phone(2), lastMessageAt: at("11:00") });
  });
});

describe("who was known before encryption was switched on", () => {
  test.each<[string, Person, Person, Person | undefined]>([
    ["user id", { userId: userId(1) }, { userId: userId(1) }, undefined],
    ["number", { phone: phone(1) }, { phone: phone(1) }, undefined],
    ["former user id", { userId: userId(1) }, { userId: userId(2) }, { userId: userId(1) }],
    ["former number", { phone: phone(1) }, { phone: phone(2) }, { phone: phone(1) }],
  ])("is known by the %s, which has a name with a key from then on", async (_by, before, now, formerly) => {
    const id = await isTold(before);
    await encrypt();
    expect(await writes(now, formerly ? { formerly } : {})).toBe(id);
    expect(await writes(now)).toBe(id);
    const [alias = ""] = Object.entries(before).map(([kind, value]) =>
      kind === "userId" ? `user:${value}` : `phone:${value}`,
    );
    const leads = (name: string) => queue.redis.get(keys.alias(queue.channel, name));
    expect(await leads(personIdOf(alias))).toBeNull();
    expect(await leads(cipherWith(1).namesOf(alias)[0])).toBe(id);
  });

  test("stays who they are when a server that is not restarted yet takes them in without a key", async () => {
    const [ada] = [await isTold({ phone: phone(1) })];
    await encrypt();
    await isTold({ userId: userId(1), phone: phone(1) });
    await encrypt(noCipher);
    await isTold({ phone: phone(1) });
    await encrypt();
    expect(await isTold({ phone: phone(1) })).toBe(ada);
    expect(await isTold({ userId: userId(1) })).toBe(ada);
  });
});

describe("who lost a number to somebody else", () => {
  test("keeps nothing of it, not even the name by which it goes", async () => {
    await encrypt();
    const before = await isTold({ userId: userId(1), phone: phone(1) });
    await isTold({ userId: userId(2), phone: phone(1) });
    expect(Object.keys(await recordOf(before))).toEqual(["userId"]);
  });

  test("but has a new one by now keeps that", async () => {
    const one = await isTold({ userId: userId(1), phone: phone(1) });
    await isTold({ userId: userId(1), phone: phone(2) });
    const other = await isTold({ userId: userId(2), phone: phone(1) });
    expect([(await known(one)).phone, (await known(other)).phone]).toEqual([phone(2), phone(1)]);
  });

  test("and whom the number never told keeps the rest: a user id alone has no number to lose", async () => {
    const one = await isTold({ userId: userId(1) });
    await writes({ userId: userId(1) }, { formerly: { phone: phone(1) } });
    const other = await isTold({ userId: userId(2), phone: phone(1) });
    expect(other).not.toBe(one);
    expect(await known(one)).toMatchObject({ userId: userId(1) });
    expect((await known(other)).phone).toBe(phone(1));
  });
});
