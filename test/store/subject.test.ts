import { expect, test } from "vitest";
import type { Person } from "../../src/domain/person.ts";
import { type Cipher, noCipher } from "../../src/store/cipher.ts";
import { keys } from "../../src/store/keys.ts";
import { identify, readJoined, type Subject } from "../../src/store/personal/subject.ts";
import { where } from "../../src/store/where.ts";
import { phone, userId } from "../support/builders.ts";
import { cipherWith } from "../support/ciphers.ts";
import { openPersonal } from "./personal-setup.ts";

const BY_PHONE = { phone: phone(1) };
const BY_ID = { userId: userId(1) };
const nameOf = ({ phone, userId }: Person, cipher: Cipher = noCipher) =>
  cipher.namesOf(userId ? `user:${userId}` : `phone:${phone}`);
const [phoneName] = nameOf(BY_PHONE);
const [idName] = nameOf(BY_ID);

async function setUp(encrypted = false) {
  const open = await openPersonal({ encrypted });
  const { redis, cipher, channel } = open;
  const ask = async (person: Person): Promise<Subject> =>
    identify({ redis, cipher }, person, { channel, joined: await readJoined(redis, channel) });
  const put = (person: string, fields: Record<string, string>) =>
    redis.hset(keys.person(channel, person), fields);
  return { ...open, ask, put };
}

const sorted = (set: ReadonlySet<string>) => [...set].sort();

test("of somebody unknown there is the id that they would get, and what was asked", async () => {
  const { channel, ask } = await setUp();
  expect(await ask(BY_PHONE)).toEqual({
    ...{ channel, people: new Set([phoneName]), phones: new Set([phone(1)]), userIds: new Set(), epoch: 0 },
    ...{ aliases: new Set(), events: new Set(), tickets: new Set() },
  });
  expect(await ask(BY_ID)).toMatchObject({ phones: new Set(), userIds: new Set([userId(1)]) });
});

test("an alias leads to the person, and they to all that they are known by", async () => {
  const { redis, channel, ask, put } = await setUp();
  await redis.set(keys.alias(channel, phoneName), "ada");
  await put("ada", { phone: phone(1), userId: userId(1) });
  const subject = await ask(BY_PHONE);
  expect(sorted(subject.people)).toEqual(["ada", idName, phoneName].sort());
  expect(sorted(subject.phones)).toEqual([phone(1)]);
  expect(sorted(subject.userIds)).toEqual([userId(1)]);
});

test("those who turned out to be one are one, with all their numbers, whomever the alias leads to", async () => {
  const { redis, channel, ask, put } = await setUp();
  await redis.set(keys.alias(channel, idName), "first");
  await put("first", { sameAs: "second", userId: userId(1) });
  await put("second", { sameAs: "last", phone: phone(2) });
  await put("last", { phone: phone(1) });
  await put("stranger", { sameAs: "other", phone: phone(9) });
  const { people, phones } = await ask(BY_ID);
  expect(people.has("first") && people.has("second") && people.has("last")).toBe(true);
  expect(people.has("stranger") || people.has("other")).toBe(false);
  expect(sorted(phones)).toEqual([phone(1), phone(2)]);
});

test("who leads to whom is read of one channel", async () => {
  const { redis, channel, other, put } = await setUp();
  await put("first", { sameAs: "second" });
  await put("second", { phone: phone(1) });
  await redis.hset(keys.person(other, "third"), "sameAs", "fourth");
  expect([...(await readJoined(redis, channel))]).toEqual([["first", "second"]]);
});

test("what is encrypted is decrypted, and both the names with and without the key are theirs", async () => {
  const { redis, cipher, channel, ask, put } = await setUp(true);
  const [name, before] = nameOf(BY_PHONE, cipher);
  await redis.set(keys.alias(channel, before ?? ""), "ada");
  const hidden = (field: string, text: string) => cipher.encrypt(text, where.person(channel, field));
  await put("ada", { phone: hidden("phone", phone(1)), userId: hidden("userId", userId(1)) });
  const { people, phones, userIds } = await ask(BY_PHONE);
  const byId = cipherWith(1).namesOf(`user:${userId(1)}`);
  expect(sorted(people)).toEqual(["ada", name, before, ...byId].sort());
  expect([...phones, ...userIds]).toEqual([phone(1), userId(1)]);
});

test.each<[string, Person, Record<string, string>, boolean]>([
  ["of the same number", BY_PHONE, { phone: phone(1) }, true],
  ["of another number", BY_PHONE, { phone: phone(2) }, false],
  ["of only a user id", BY_PHONE, { userId: userId(1) }, false],
  ["who leads to somebody else", BY_PHONE, { sameAs: "other", phone: phone(1) }, false],
  ["asked by user id, of the same", BY_ID, { userId: userId(1), phone: phone(5) }, true],
  ["asked by user id, of another", BY_ID, { userId: userId(2) }, false],
  ["asked by user id, of another with a number", BY_ID, { userId: userId(2), phone: phone(5) }, false],
  ["asked by user id, of a number only", BY_ID, { phone: phone(5) }, false],
  ["of whom nothing is known but the time", BY_ID, { lastMessageAt: "x" }, true],
])(
  "without an alias, the id derived from it is asked: somebody %s",
  async (_who, asked, fields, isTheirs) => {
    const { ask, put } = await setUp();
    const [name] = nameOf(asked);
    await put(name, fields);
    expect((await ask(asked)).people.has(name)).toBe(isTheirs);
  },
);

test("without an alias, a user id leads on to whom its first owner turned out to be", async () => {
  const { ask, put } = await setUp();
  await put(idName, { sameAs: "last" });
  await put("last", { phone: phone(7) });
  const { people, phones } = await ask(BY_ID);
  expect(people.has("last") && people.has(idName)).toBe(true);
  expect([...phones]).toEqual([phone(7)]);
});

test("a name to come is not theirs where its alias leads to somebody else", async () => {
  const { redis, channel, ask, put } = await setUp();
  await redis.set(keys.alias(channel, phoneName), "ada");
  await redis.set(keys.alias(channel, idName), "eve");
  await put("ada", { phone: phone(1), userId: userId(1) });
  expect(sorted((await ask(BY_PHONE)).people)).toEqual(["ada", phoneName].sort());
});

test("a name to come is not theirs where somebody has that id already", async () => {
  const { redis, channel, ask, put } = await setUp();
  await redis.set(keys.alias(channel, phoneName), "ada");
  await put("ada", { phone: phone(1), userId: userId(1) });
  await put(phoneName, { phone: phone(4) });
  await put(idName, { phone: phone(5) });
  const { people, phones } = await ask(BY_PHONE);
  expect([...people]).toEqual(["ada"]);
  expect([...phones]).toEqual([phone(1)]);
});
