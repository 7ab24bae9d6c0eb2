import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { noCipher } from "../../src/store/cipher.ts";
import { channelTag, connectionTag, keys } from "../../src/store/keys.ts";
import type { Holding, Kind } from "../../src/store/personal/holding.ts";
import { where } from "../../src/store/where.ts";
import { phone, userId } from "../support/builders.ts";
import { openPersonal, subjectOf } from "./personal-setup.ts";

type Open = Awaited<ReturnType<typeof openPersonal>>;

function elsewhere({ data, connection }: Open, holdings: Holding[]) {
  return data.heldElsewhere(holdings, (channel) => `${connection}-of-${channel}`);
}

function holding({ channel }: Open, kind: Kind, key: string, tickets: string[] = []): Holding {
  return { kind, key, subject: subjectOf(channel, { tickets: new Set(tickets) }) };
}

test("all channels that anything is held of are told, and none by a key that only looks like one", async () => {
  const { redis, data, channel, other } = await openPersonal();
  await redis.set(keys.pace(channel), "1");
  await redis.set(`x${channelTag(other)}:pace`, "1", "EX", 60);
  const names = await data.channels();
  expect(names.has(channel)).toBe(true);
  expect(names.has(other)).toBe(false);
  expect([...names].every((name) => /^[a-z0-9-]+$/.test(name))).toBe(true);
  await redis.del(`x${channelTag(other)}:pace`);
});

test("each person is looked for in each channel, in the order asked, with who turned out to be whom there", async () => {
  const { redis, data, channel, other } = await openPersonal();
  await redis.hset(keys.person(channel, "first"), "sameAs", "ada");
  await redis.hset(keys.person(other, "second"), "sameAs", "ada");
  await redis.set(keys.alias(channel, noCipher.namesOf(`phone:${phone(1)}`)[0]), "first");
  const found = await data.subjects([{ phone: phone(1) }, { userId: userId(2) }], [channel, other]);
  expect(found.map((subjects) => subjects.map((subject) => subject.channel))).toEqual([
    [channel, other],
    [channel, other],
  ]);
  expect(found[0]?.[0]?.people.has("first") && found[0][0].people.has("ada")).toBe(true);
  expect(found[0]?.[1]?.people.has("ada")).toBe(false);
  expect([...(found[1]?.[0]?.userIds ?? [])]).toEqual([userId(2)]);
});

test("tickets in a helpdesk are told by the ways back to them, each with its connection", async () => {
  const open = await openPersonal();
  const [one, two] = [open.connection, `${open.connection}x`];
  const back = (connection: string, ticket: string) =>
    holding(open, "wayBack", `${connectionTag(connection)}:ticket:${ticket}`);
  expect(await elsewhere(open, [back(one, "a:1"), back(two, "b"), back(one, "c\nd")])).toEqual([
    { connection: one, contact: null, tickets: ["a:1", "c\nd"] },
    { connection: two, contact: null, tickets: ["b"] },
  ]);
});

test("tickets without a way back are told by the steps that made them, once those of the conversation are known", async () => {
  const open = await openPersonal();
  const key = (event: string) => keys.stepsOf(open.channel, event);
  await open.redis.hset(key("e1"), "ticket", "t1");
  await open.redis.hset(key("e2"), "ticket", "t2");
  await open.redis.hset(key("e3"), "comment", "c3");
  await open.redis.hset(keys.outbound(open.channel, "1a-0"), "ticket", "t9");
  const holdings = ["e1", "e2", "e3"].map((event) => holding(open, "steps", key(event), ["t1"]));
  holdings.push(holding(open, "outbounds", keys.outbound(open.channel, "1a-0")));
  expect(await elsewhere(open, holdings)).toEqual([
    { connection: `${open.connection}-of-${open.channel}`, contact: null, tickets: ["t2"] },
  ]);
});

test.each([
  ["an id of its own", { id: "7", externalId: "whatsapp:GB" }, "7"],
  ["ours for an id", { id: "whatsapp:GB", externalId: "whatsapp:GB" }, null],
  ["no id of ours", { id: "7" }, "7"],
  ["no id", { externalId: "whatsapp:GB" }, null],
])("a contact with %s is told by the helpdesk's id or not at all", async (_what, fields, contact) => {
  const open = await openPersonal({ encrypted: true });
  const key = keys.contact(open.channel, "ada");
  for (const [field, text] of Object.entries(fields))
    await open.redis.hset(key, field, open.cipher.encrypt(text, where.contact(open.channel, field)));
  expect(await elsewhere(open, [holding(open, "contact", key)])).toEqual([
    { connection: `${open.connection}-of-${open.channel}`, contact, tickets: [] },
  ]);
});

test("of two contacts the first that the helpdesk has an id for is told; of nothing else anything", async () => {
  const open = await openPersonal();
  const key = (person: string) => keys.contact(open.channel, person);
  await open.redis.hset(key("a"), { id: "same", externalId: "same" });
  await open.redis.hset(key("b"), { id: "8", externalId: "x" });
  await open.redis.hset(key("c"), { id: "9", externalId: "x" });
  const found = await elsewhere(
    open,
    ["a", "b", "c"].map((person) => holding(open, "contact", key(person))),
  );
  expect(found.map(({ contact }) => contact)).toEqual(["8"]);
  expect(await elsewhere(open, [holding(open, "person", keys.person(open.channel, "a"))])).toEqual([]);
});

test("receipts are proved, and name people, by a key that stays", async () => {
  const { redis, data } = await openPersonal();
  const proof = await data.proofOf("text");
  const name = await data.nameInReceipts({ phone: phone(1) });
  const key = (await redis.get(keys.receiptKey())) ?? "";
  const hmac = (text: string) => createHmac("sha256", key).update(text).digest("hex");
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(proof).toBe(hmac("deskferry receipt 1\ntext"));
  expect(name).toBe(hmac(`phone:${phone(1)}`));
  expect(await data.nameInReceipts({})).toBe(hmac(""));
  expect(await data.proofOf("text")).toBe(proof);
});
