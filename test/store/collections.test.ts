import { expect, test } from "vitest";
import { createPseudonyms } from "../../src/domain/pseudonyms.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { channelTag, keys } from "../../src/store/keys.ts";
import { letterText } from "../../src/store/letter.ts";
import { findInAudit, findInCollections } from "../../src/store/personal/collections.ts";
import { where } from "../../src/store/where.ts";
import { messageReceived, phone, userId } from "../support/builders.ts";
import { linesOf, openPersonal, subjectOf } from "./personal-setup.ts";

const letter = (id: string, person: string) => ({
  ...{ id, lane: "in" as const, person, kind: "rejected", reason: "no", at: "2026-11-20T08:00:00.000Z" },
  event: messageReceived({ id: `wamid.${id}` }),
});

test("of nobody nothing is found", async () => {
  const { redis, cipher } = await openPersonal();
  expect(await findInCollections({ redis, cipher }, [])).toEqual([]);
});

test.each([false, true])(
  "dead letters, and what may have been made for them (encrypted: %s)",
  async (encrypted) => {
    const { redis, cipher, channel } = await openPersonal({ encrypted });
    const put = (one: ReturnType<typeof letter> & { unclear?: string }) =>
      redis.hset(keys.dead(channel), one.id, letterText(channel, one, cipher));
    await put({ ...letter("l1", "ada"), unclear: "ticket-7" });
    await put(letter("l2", "ada"));
    await put({ ...letter("l3", "eve"), unclear: "ticket-8" });
    const subject = subjectOf(channel);
    const found = await findInCollections({ redis, cipher }, [subject]);
    const intent = keys.intent(channel, "ticket-7").slice(channelTag(channel).length + 1);
    expect(linesOf(found).sort()).toEqual([
      "deadLetters dead hash l1",
      "deadLetters dead hash l2",
      `intents ${intent}`,
    ]);
    expect([...subject.events].sort()).toEqual([eventKey("wamid.l1"), eventKey("wamid.l2")].sort());
  },
);

test("who is listed as having events, in each lane", async () => {
  const { redis, cipher, channel } = await openPersonal();
  for (const lane of ["in", "out", "receipt"] as const) await redis.sadd(keys.pending(channel, lane), "eve");
  await redis.sadd(keys.pending(channel, "out"), "ada");
  await redis.sadd(keys.pending(channel, "receipt"), "ada-too");
  const subject = subjectOf(channel, { people: new Set(["ada", "ada-too"]) });
  expect(linesOf(await findInCollections({ redis, cipher }, [subject])).sort()).toEqual([
    "triesOfEvents pending:out set ada",
    "triesOfEvents pending:receipt set ada-too",
  ]);
});

test.each(["quarantine", "account"] as const)(
  "parts of payloads in %s that show the person, also far behind",
  async (list) => {
    const { redis, cipher, channel } = await openPersonal({ encrypted: true });
    const hidden = (text: string) => cipher.encrypt(text, where.kept(channel, list));
    const texts = Array.from({ length: 4001 }, (_, n) => hidden(`nobody ${n}`));
    const theirs = [0, 1999, 2000, 4000].map((at) => {
      texts[at] = hidden(`{"wa_id":"${phone(1).slice(1)}"}`);
      return texts[at];
    });
    texts[7] = hidden(`{"wa_id":"${phone(2).slice(1)}"}`);
    await redis.rpush(keys[list](channel), ...texts);
    const subject = subjectOf(channel, { phones: new Set([phone(1)]) });
    const found = await findInCollections({ redis, cipher }, [subject]);
    expect(linesOf(found)).toEqual(theirs.map((text) => `quarantine ${list} list ${text}`));
  },
);

test("traces, ours and BullMQ's, with the events that they name, also far behind", async () => {
  const { redis, cipher, channel } = await openPersonal();
  const [event, far] = [eventKey("one"), eventKey("far")];
  const steps = redis.pipeline();
  const add = (person: string, id: string, key: string) =>
    steps.xadd(keys.trace(channel), id, "entry", JSON.stringify({ event: key, person, step: "accepted" }));
  add("ada", "1-1", event);
  for (let n = 2; n <= 2000; n++) add("eve", `${n}-1`, eventKey("other"));
  add("ada", "2001-1", far);
  for (const lane of ["in", "out", "receipt"])
    steps.xadd(`${channelTag(channel)}:${lane}:events`, "5-1", "event", "added", "deduplicationId", "ada");
  steps.xadd(`${channelTag(channel)}:in:events`, "6-1", "event", "added", "deduplicationId", "eve");
  await steps.exec();
  const subject = subjectOf(channel);
  expect(linesOf(await findInCollections({ redis, cipher }, [subject]))).toEqual([
    "traces trace stream 1-1",
    "traces trace stream 2001-1",
    "traces in:events stream 5-1",
    "traces out:events stream 5-1",
    "traces receipt:events stream 5-1",
  ]);
  expect([...subject.events]).toEqual([event, far]);
});

test("recorded inputs by number and by user id, as long as their key is there", async () => {
  const { redis, cipher, channel } = await openPersonal({ encrypted: true });
  const names = createPseudonyms("secret");
  const put = (id: string, person: object) =>
    redis.hset(
      keys.recordedInputs(channel),
      id,
      cipher.encrypt(JSON.stringify({ input: { person } }), where.recording(channel, id)),
    );
  await put("r1", { userId: names.userId(userId(1)) });
  await put("r2", { phone: names.phone(phone(1)) });
  await put("r3", { userId: names.userId(userId(2)), phone: names.phone(phone(2)) });
  await put("r4", {});
  const subject = subjectOf(channel, { phones: new Set([phone(1)]), userIds: new Set([userId(1)]) });
  const found = async () => linesOf(await findInCollections({ redis, cipher }, [subject])).sort();
  expect(await found()).toEqual([]);
  await redis.set(keys.recordingKey(channel), "secret");
  expect(await found()).toEqual([
    "recordedInputs recording:inputs hash r1",
    "recordedInputs recording:inputs hash r2",
  ]);
});

test("entries of the audit log that name the person, of each channel", async () => {
  const { redis, channel, other } = await openPersonal();
  const entry = (person: string, n: number) => JSON.stringify({ seq: n, detail: { person } });
  await redis.rpush(keys.audit(channel), entry("ada", 1), entry("eve", 2), entry("ada", 3), "{}");
  await redis.rpush(keys.audit(other), entry("ada", 4));
  const found = await findInAudit(redis, [subjectOf(channel), subjectOf(other)]);
  expect(linesOf(found)).toEqual([1, 3, 4].map((n) => `auditEntries audit list ${entry("ada", n)}`));
  expect(linesOf(await findInAudit(redis, [subjectOf(other)]))).toHaveLength(1);
});
