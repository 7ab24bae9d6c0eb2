import { expect, test } from "vitest";
import { aliasesOf, type Person, personIdOf } from "../../src/domain/person.ts";
import { type Cipher, noCipher } from "../../src/store/cipher.ts";
import { keys } from "../../src/store/keys.ts";
import { createStore } from "../../src/store/store.ts";
import { type OpenQueue, openQueue } from "../queue/running-queue.ts";
import { delivery, messageReceived, person, phone, userId } from "../support/builders.ts";
import { cipherWith } from "../support/ciphers.ts";
import { keysLike } from "../support/redis.ts";

/** Somebody writes, on a channel that was begun by `open`, with another cipher perhaps. */
async function openWith(cipher: Cipher, other?: OpenQueue) {
  const queue = await openQueue({ cipher, ...(other ? { channels: other.channels } : {}) });
  const { channel, store, intake } = queue;
  return {
    ...queue,
    async write(seen: Person): Promise<string> {
      const [accepted] = await intake.accept([delivery(channel, messageReceived({ person: seen }))]);
      return accepted?.person ?? "";
    },
    known: (id: string) => store.people.get({ channel, person: id }),
  };
}

const plainName = (seen: Person) => personIdOf(aliasesOf(seen)[0] ?? "");

test("S43: what stands in Redis of a person names nobody, in keys neither", async () => {
  const { redis, channel, write, known } = await openWith(cipherWith(1));
  const ada = person(1);
  const id = await write(ada);
  expect(await known(id)).toMatchObject(ada);
  const names = await keysLike(redis, `{deskferry:${channel}}:*`);
  const facts = await redis.hgetall(keys.person(channel, id));
  for (const word of [
    ada.phone.slice(1),
    ada.userId,
    ada.name,
    plainName(ada),
    personIdOf(`phone:${ada.phone}`),
  ])
    expect(JSON.stringify([names, facts])).not.toContain(word);
});

test("a number that is somebody else's now is taken from who had it before, encrypted or not", async () => {
  const plain = await openWith(noCipher);
  const [first, second] = [
    { userId: userId(1), phone: phone(7) },
    { userId: userId(2), phone: phone(7) },
  ];
  const one = await plain.write(first);
  const queue = await openWith(cipherWith(1), plain);
  const two = await queue.write(second);
  expect(two).not.toBe(one);
  expect((await queue.known(one)).phone).toBeUndefined();
  const three = await queue.write({ userId: userId(3), phone: phone(7) });
  expect((await queue.known(two)).phone).toBeUndefined();
  expect((await queue.known(three)).phone).toBe(phone(7));
});

test("a number that was changed meanwhile stays with whom it was changed to", async () => {
  const { write, known } = await openWith(cipherWith(1));
  const one = await write({ userId: userId(1), phone: phone(7) });
  expect(await write({ userId: userId(1), phone: phone(8) })).toBe(one);
  await write({ userId: userId(2), phone: phone(7) });
  expect((await known(one)).phone).toBe(phone(8));
});

test("who was known before encryption was switched on stays the same, and is found by the name with a key from then on", async () => {
  const plain = await openWith(noCipher);
  const ada = { phone: phone(9), name: "Ada" };
  const id = await plain.write(ada);
  expect(id).toBe(plainName(ada));
  const queue = await openWith(cipherWith(1), plain);
  expect(await queue.known(id)).toMatchObject(ada);
  expect(await queue.write({ ...ada, name: "Ada L." })).toBe(id);
  expect(await queue.known(id)).toMatchObject({ phone: ada.phone, name: "Ada L." });
  expect(await queue.redis.get(keys.alias(queue.channel, plainName(ada)))).toBeNull();
  const [name] = cipherWith(1).namesOf(`phone:${ada.phone}`);
  expect(await queue.redis.get(keys.alias(queue.channel, name))).toBe(id);
  // What waited plain and what came encrypted are handled in one mailbox, in order.
  const place = { channel: queue.channel, lane: "in" as const, person: id };
  const first = await queue.store.mailboxes.begin(place);
  expect(first?.raw).toContain("Ada");
  if (first) await queue.store.mailboxes.done(place, first);
  expect((await queue.store.mailboxes.begin(place))?.raw).toMatch(/^\{"v":3,"sentAt":"/);
});

test("two who turn out to be one keep one number, of which it is known whose it is", async () => {
  const { write, known } = await openWith(cipherWith(1));
  const byPhone = await write({ phone: phone(3) });
  const byUser = await write({ userId: userId(3) });
  expect(byUser).not.toBe(byPhone);
  const both = await write({ userId: userId(3), phone: phone(3) });
  expect([byPhone, byUser]).toContain(both);
  expect(await known(both)).toMatchObject({ userId: userId(3), phone: phone(3) });
  await write({ userId: userId(4), phone: phone(3) });
  expect((await known(both)).phone).toBeUndefined();
});

test("values of one field cannot be put into another, and those of one channel not into another", async () => {
  const queue = await openWith(cipherWith(1));
  const id = await queue.write(person(1));
  const key = keys.person(queue.channel, id);
  await queue.redis.hset(key, "phone", (await queue.redis.hget(key, "name")) ?? "");
  await expect(queue.known(id)).rejects.toThrow('encryption key "k1" was changed, moved');
  const place = { channel: queue.channel, person: id, lane: "in" as const };
  const elsewhere = { ...place, channel: `${queue.channel}-2` };
  const [raw = ""] = await queue.redis.lrange(keys.mailbox(place.channel, "in", id), 0, 0);
  await queue.redis.rpush(keys.mailbox(elsewhere.channel, "in", id), raw);
  await expect(createStore(queue.redis, cipherWith(1)).mailboxes.begin(elsewhere)).rejects.toThrow("moved");
  await queue.redis.del(keys.mailbox(elsewhere.channel, "in", id), keys.head(elsewhere.channel, "in", id));
});
