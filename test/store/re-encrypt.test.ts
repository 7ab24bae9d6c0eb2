import { expect, test } from "vitest";
import { keys } from "../../src/store/keys.ts";
import { runScript } from "../../src/store/scripts.ts";
import { openPersonal } from "./personal-setup.ts";

async function setUp() {
  const { redis, channel } = await openPersonal();
  const replace = (key: string, type: string, ...more: string[]) => {
    const [field = "", before = "", head = "", name = "", value = ""] = more;
    return runScript(redis, "re-encrypt", [key, type, field, before, "new", head, name, value]);
  };
  return { redis, channel, replace };
}

test("a text of a list is replaced where it stands, if it still does", async () => {
  const { redis, channel, replace } = await setUp();
  const key = keys.quarantine(channel);
  await redis.rpush(key, "a", "b", "c");
  expect(await replace(key, "list", "", "b")).toBe(1);
  expect(await replace(key, "list", "", "b")).toBe(0);
  expect(await redis.lrange(key, 0, -1)).toEqual(["a", "new", "c"]);
});

test("the head of a mailbox stays while it is being handled; what waits behind it, and a head at rest, do not", async () => {
  const { redis, channel, replace } = await setUp();
  const [key, head] = [keys.mailbox(channel, "in", "ada"), keys.head(channel, "in", "ada")];
  await redis.rpush(key, "a", "b");
  await redis.hset(head, "unended", 1);
  expect(await replace(key, "list", "", "a", head)).toBe(-1);
  expect(await replace(key, "list", "", "b", head)).toBe(1);
  expect(await redis.lrange(key, 0, -1)).toEqual(["a", "new"]);
  await redis.hset(head, "unended", 0);
  expect(await replace(key, "list", "", "a", head)).toBe(1);
  await redis.rpush(key, "z");
  await redis.del(head);
  await redis.ltrim(key, -1, -1);
  expect(await replace(key, "list", "", "z", head)).toBe(1);
});

test("a field of a hash is replaced, with what belongs beside it, if it is still the same", async () => {
  const { redis, channel, replace } = await setUp();
  const key = keys.person(channel, "ada");
  await redis.hset(key, { phone: "a", name: "b" });
  expect(await replace(key, "hash", "phone", "x", "", "phoneName", "n")).toBe(0);
  expect(await redis.hgetall(key)).toEqual({ phone: "a", name: "b" });
  expect(await replace(key, "hash", "phone", "a", "", "phoneName", "n")).toBe(1);
  expect(await replace(key, "hash", "name", "b")).toBe(1);
  expect(await redis.hgetall(key)).toEqual({ phone: "new", name: "new", phoneName: "n" });
});

test("a text is replaced if it is still the same, and goes when it would have gone", async () => {
  const { redis, channel, replace } = await setUp();
  const key = keys.reply(channel, "1a-0");
  await redis.set(key, "a", "EX", 1000);
  expect(await replace(key, "string", "", "x")).toBe(0);
  expect(await redis.get(key)).toBe("a");
  expect(await replace(key, "string", "", "a")).toBe(1);
  expect(await redis.get(key)).toBe("new");
  expect(await redis.ttl(key)).toBeGreaterThan(900);
});
