import { expect, it } from "vitest";
import { type AuditHead, sealEntry, trimming } from "../../src/domain/audit.ts";
import { verifyAudit } from "../../src/domain/audit-verify.ts";
import { createAudits } from "../../src/store/audits.ts";
import { channelTag, keys, SEEN_SECONDS } from "../../src/store/keys.ts";
import { replayed } from "../support/audit-chain.ts";
import { keysLike } from "../support/redis.ts";
import { openPersonal } from "./personal-setup.ts";

const sealed =
  (channel: string, n: number, at = "2026-11-02") =>
  (after: AuditHead | undefined) =>
    sealEntry(channel, after, { ...replayed(n), at: `${at}T09:00:00.000Z`, by: "system" });

async function setUp(...days: string[]) {
  const open = await openPersonal();
  const { redis, channel } = open;
  const audits = createAudits(redis);
  for (const [n, day] of days.entries()) await audits.append(channel, sealed(channel, n + 1, day));
  const trim = (before: string) =>
    audits.trim(
      channel,
      (at) => at < before,
      (after, { last, count }) =>
        sealEntry(channel, after, { ...trimming(last, count), at: "2026-11-03T09:00:00.000Z", by: "system" }),
    );
  return { ...open, audits, trim };
}

it("a log that nobody wrote has no head and no entries", async () => {
  const { channel, audits } = await setUp();
  expect(await audits.head(channel)).toBeUndefined();
  expect(await audits.read(channel)).toEqual({ channel, texts: [], head: undefined });
});

it("the head is the newest entry's number and hash", async () => {
  const { redis, channel, audits } = await setUp("2026-11-01", "2026-11-02");
  const { head, texts } = await audits.read(channel);
  expect(head).toEqual({ seq: 2, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await audits.head(channel)).toEqual(head);
  expect(texts).toHaveLength(2);
  await redis.hset(keys.auditHead(channel), "seq", "spoiled");
  expect(await audits.head(channel)).toEqual({ ...head, seq: 0 });
});

it.each([
  ["none of them is old", "2026-10-01", 0, 3],
  ["the first is old", "2026-10-11", 1, 3],
  ["an old one stands behind a newer one", "2026-10-12", 1, 3],
  ["all of them are old", "2026-10-31", 3, 1],
])("only the oldest without a gap go: %s", async (_what, before, removed, left) => {
  const { channel, audits, trim } = await setUp("2026-10-10", "2026-10-30", "2026-10-11");
  expect(await trim(before)).toBe(removed);
  const chain = await audits.read(channel);
  expect(chain.texts).toHaveLength(left);
  expect(verifyAudit(chain).fault).toBeUndefined();
});

it("an entry that cannot be read is where removing ends", async () => {
  const { redis, channel, trim } = await setUp("2026-10-10", "2026-10-10", "2026-10-10");
  await redis.lset(keys.audit(channel), 1, "spoiled");
  expect(await trim("2026-10-31")).toBe(1);
  expect((await redis.lrange(keys.audit(channel), 0, -1))[0]).toBe("spoiled");
});

it("nothing goes when somebody adds something meanwhile", async () => {
  const { channel, audits, redis } = await setUp("2026-10-10");
  const removed = await audits.trim(
    channel,
    () => true,
    (after, { last, count }) => {
      // Sent before what follows, on the same connection.
      void redis.hset(keys.auditHead(channel), "hash", "of somebody else");
      return sealEntry(channel, after, { ...trimming(last, count), at: "2026-11-03", by: "system" });
    },
  );
  expect(removed).toBe(0);
  expect(await redis.llen(keys.audit(channel))).toBe(1);
});

it("what is told once is known for as long as repeats are", async () => {
  const { redis, channel, audits } = await setUp();
  await audits.append(channel, sealed(channel, 1), "once");
  await audits.append(channel, sealed(channel, 2));
  const [told = "", ...others] = await keysLike(redis, `${channelTag(channel)}:audit:told:*`);
  expect(others).toEqual([]);
  expect(await redis.ttl(told)).toBeGreaterThan(SEEN_SECONDS - 60);
  expect(await audits.append(channel, sealed(channel, 3))).toMatchObject({ seq: 3 });
});

it.each([499, 500, 501, 1000])("a chain of %i entries is read whole, each once", async (count) => {
  const { redis, channel, audits } = await setUp();
  const texts = Array.from({ length: count }, (_, n) => `entry ${n}`);
  await redis.rpush(keys.audit(channel), ...texts);
  expect((await audits.read(channel)).texts).toEqual(texts);
});
