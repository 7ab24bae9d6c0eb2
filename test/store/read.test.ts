import { expect, test } from "vitest";
import { envelopeOf } from "../../src/store/envelope.ts";
import { channelTag, keys } from "../../src/store/keys.ts";
import { letterText } from "../../src/store/letter.ts";
import type { Holding, Part } from "../../src/store/personal/holding.ts";
import { where } from "../../src/store/where.ts";
import { messageReceived, phone, userId } from "../support/builders.ts";
import { openPersonal, subjectOf } from "./personal-setup.ts";

type Open = Awaited<ReturnType<typeof openPersonal>>;

const reading = ({ channel, data }: Open, kind: Holding["kind"], key: string, part?: Part) =>
  data.read({ kind, key, subject: subjectOf(channel), ...(part ? { part } : {}) });

test.each([false, true])(
  "a dead letter is shown whole (encrypted: %s); one that has gone is null",
  async (encrypted) => {
    const open = await openPersonal({ encrypted });
    const key = keys.dead(open.channel);
    const event = messageReceived();
    const about = {
      id: "l1",
      lane: "in",
      person: "ada",
      event,
      kind: "rejected",
      reason: "no",
      at: "x",
    } as const;
    await open.redis.hset(key, "l1", letterText(open.channel, about, open.cipher));
    expect(await reading(open, "deadLetters", key, { of: "hash", name: "l1" })).toEqual(about);
    expect(await reading(open, "deadLetters", key, { of: "hash", name: "l2" })).toBeNull();
  },
);

test("a recorded input is shown decrypted and taken apart", async () => {
  const open = await openPersonal({ encrypted: true });
  const key = keys.recordedInputs(open.channel);
  const text = open.cipher.encrypt('{"input":{"n":1}}', where.recording(open.channel, "r1"));
  await open.redis.hset(key, "r1", text);
  expect(await reading(open, "recordedInputs", key, { of: "hash", name: "r1" })).toEqual({ input: { n: 1 } });
});

test.each(["quarantine", "account"] as const)(
  "a part of a payload in %s is shown decrypted",
  async (list) => {
    const open = await openPersonal({ encrypted: true });
    const name = open.cipher.encrypt('{"reason":"odd"}', where.kept(open.channel, list));
    const key = keys[list](open.channel);
    expect(await reading(open, "quarantine", key, { of: "list", name })).toEqual({ reason: "odd" });
  },
);

test.each<[string, unknown]>([
  ['{"seq":1}', { seq: 1 }],
  ["[1,2]", [1, 2]],
  ["{not JSON", "{not JSON"],
  ["plain:words", "plain:words"],
  ["17", "17"],
  ['said {"a":1}', 'said {"a":1}'],
])("an entry of the audit log is shown taken apart where it is JSON: %s", async (name, shown) => {
  const open = await openPersonal();
  const key = keys.audit(open.channel);
  expect(await reading(open, "auditEntries", key, { of: "list", name })).toEqual(shown);
});

test("a member of a set is shown by its name, one of a sorted set with its score", async () => {
  const open = await openPersonal();
  const [set, sorted] = [keys.pending(open.channel, "in"), keys.undelivered(open.channel)];
  await open.redis.zadd(sorted, 9, "1a-0");
  expect(await reading(open, "triesOfEvents", set, { of: "set", name: "ada" })).toBe("ada");
  const part = { of: "zset", name: "1a-0" } as const;
  expect(await reading(open, "undelivered", sorted, part)).toEqual({ name: "1a-0", score: "9" });
});

test("an entry of a stream is shown as JSON, or by its fields; one that has gone is not there", async () => {
  const open = await openPersonal();
  const key = keys.trace(open.channel);
  await open.redis.xadd(key, "1-1", "entry", '{"step":"sent"}');
  await open.redis.xadd(key, "2-1", "event", "added", "jobId", "17");
  const read = (name: string) => reading(open, "traces", key, { of: "stream", name });
  expect(await read("1-1")).toEqual({ step: "sent" });
  expect(await read("2-1")).toEqual({ event: "added", jobId: "17" });
  expect(await read("3-1")).toBeUndefined();
});

test.each([
  ["person", (channel: string) => keys.person(channel, "ada"), ["userId", "phone", "name", "lastMessageId"]],
  ["contact", (channel: string) => keys.contact(channel, "ada"), ["id", "externalId", "content"]],
] as const)("what is hidden of a %s is shown, and the rest as it is", async (kind, keyOf, hidden) => {
  const open = await openPersonal({ encrypted: true });
  const key = keyOf(open.channel);
  const shown = Object.fromEntries(hidden.map((field) => [field, `the ${field}`]));
  for (const field of hidden.slice(1))
    await open.redis.hset(key, field, open.cipher.encrypt(`the ${field}`, [kind, open.channel, field]));
  await open.redis.hset(key, "other", "enc:k1:xyz");
  const { [hidden[0]]: _, ...rest } = shown;
  expect(await reading(open, kind, key)).toEqual({ ...rest, other: "enc:k1:xyz" });
});

test("what is hidden of a message to them is shown", async () => {
  const open = await openPersonal({ encrypted: true });
  const key = keys.outbound(open.channel, "1a-0");
  const hidden = (field: string) => open.cipher.encrypt(field, where.outbound(open.channel, "1a-0", field));
  await open.redis.hset(key, { messageId: hidden("messageId"), errors: hidden("errors"), state: "sent" });
  const shown = { messageId: "messageId", errors: "errors", state: "sent" };
  expect(await reading(open, "outbounds", key)).toEqual(shown);
});

test("fields of other kinds are shown as they are, even if they look encrypted", async () => {
  const open = await openPersonal();
  await open.redis.hset(keys.consent(open.channel, "ada", "all"), { name: "enc:k1:xyz", state: "stop" });
  const shown = await reading(open, "consents", keys.consent(open.channel, "ada", "all"));
  expect(shown).toEqual({ name: "enc:k1:xyz", state: "stop" });
});

test("a reply is shown decrypted; another text as it is; nothing where it has gone", async () => {
  const open = await openPersonal({ encrypted: true });
  const key = keys.reply(open.channel, "1a-0");
  await open.redis.set(key, open.cipher.encrypt('{"body":"hello"}', where.reply(open.channel, "1a-0")));
  expect(await reading(open, "replies", key)).toEqual({ body: "hello" });
  await open.redis.set(keys.alias(open.channel, "a1"), "enc:k1:xyz");
  expect(await reading(open, "aliases", keys.alias(open.channel, "a1"))).toBe("enc:k1:xyz");
  expect(await reading(open, "aliases", keys.alias(open.channel, "a2"))).toBeNull();
});

test.each([false, true])("events that wait are shown in their order (encrypted: %s)", async (encrypted) => {
  const open = await openPersonal({ encrypted });
  const events = [1, 2].map((n) => messageReceived({ person: { userId: userId(n), phone: phone(n) } }));
  const address = { channel: open.channel, lane: "out", to: "ada" } as const;
  const key = keys.mailbox(open.channel, "out", "ada");
  await open.redis.rpush(key, ...events.map((event) => envelopeOf(event, address, { cipher: open.cipher })));
  expect(await reading(open, "waitingEvents", key)).toEqual(events);
});

test("a key of a type that no person has is shown as nothing", async () => {
  const open = await openPersonal();
  const key = `${channelTag(open.channel)}:pace:ada`;
  await open.redis.sadd(key, "1");
  expect(await reading(open, "pace", key)).toBeNull();
});
