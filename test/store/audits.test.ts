import { expect, it } from "vitest";
import { type AuditHead, readEntry, sealEntry, trimming } from "../../src/domain/audit.ts";
import { verifyAudit } from "../../src/domain/audit-verify.ts";
import { createAudits } from "../../src/store/audits.ts";
import { channelTag, keys } from "../../src/store/keys.ts";
import { replayed } from "../support/audit-chain.ts";
import { keysLike, openRedis, uniqueChannel } from "../support/redis.ts";

async function setUp() {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const audits = createAudits(redis);
  const seal =
    (n: number, at = "2026-11-02T09:00:00.000Z") =>
    (after: AuditHead | undefined) =>
      sealEntry(channel, after, { ...replayed(n), at, by: "system" });
  const letters = async () =>
    (await audits.read(channel)).texts.map((text) => readEntry(text)?.detail["letter"]);
  return { redis, channel, audits, seal, letters };
}

it("many at once make one chain: none forks it, none is lost", async () => {
  const { channel, seal } = await setUp();
  const writers = await Promise.all(Array.from({ length: 8 }, async () => createAudits(await openRedis())));
  await Promise.all(
    writers.flatMap((audits, writer) =>
      Array.from({ length: 25 }, (_, n) => audits.append(channel, seal(writer * 25 + n))),
    ),
  );
  const chain = await createAudits(await openRedis()).read(channel);
  expect(verifyAudit(chain)).toEqual({ good: 200 });
  expect(new Set(chain.texts.map((text) => readEntry(text)?.detail["letter"])).size).toBe(200);
});

it("what is told once is there once, and only for so long", async () => {
  const { redis, channel, audits, seal, letters } = await setUp();
  expect(await audits.append(channel, seal(1), "consent/ada/stop")).toMatchObject({ seq: 1 });
  expect(await audits.append(channel, seal(2), "consent/ada/stop")).toBeUndefined();
  expect(await audits.append(channel, seal(3), "consent/ada/start")).toMatchObject({ seq: 2 });
  expect(await letters()).toEqual(["letter 1", "letter 3"]);
  for (const key of await keysLike(redis, `${channelTag(channel)}:audit:told:*`)) {
    expect(key).not.toContain("ada");
    expect(await redis.ttl(key)).toBeGreaterThan(0);
  }
});

it("old entries go together with a new one that tells so, while others add theirs; the chain stays whole", async () => {
  const { channel, audits, seal } = await setUp();
  for (let n = 1; n <= 600; n++)
    await audits.append(channel, seal(n, n <= 550 ? "2026-10-01T00:00:00.000Z" : "2026-11-01T00:00:00.000Z"));
  const other = createAudits(await openRedis());
  const trimAll = async () => {
    for (;;) {
      const removed = await audits.trim(
        channel,
        (at) => at < "2026-10-15",
        (after, { last, count }) =>
          sealEntry(channel, after, {
            ...trimming(last, count),
            at: "2026-11-02T09:00:00.000Z",
            by: "system",
          }),
      );
      if (removed > 0) return removed;
    }
  };
  const adding = Promise.all(Array.from({ length: 50 }, (_, n) => other.append(channel, seal(601 + n))));
  const reads = Promise.all(Array.from({ length: 10 }, () => other.read(channel)));
  const [removed, , chains] = await Promise.all([trimAll(), adding, reads]);
  expect(removed).toBe(550);
  for (const chain of [...chains, await audits.read(channel)])
    expect(verifyAudit(chain).fault).toBeUndefined();
  expect((await audits.read(channel)).texts).toHaveLength(101);
  expect(await trimNothing(audits, channel)).toBe(0);
});

async function trimNothing(audits: ReturnType<typeof createAudits>, channel: string): Promise<number> {
  return audits.trim(
    channel,
    () => false,
    () => expect.unreachable("there is nothing to remove"),
  );
}

it("a head that somebody spoiled stops nobody from adding, and verifying names the place", async () => {
  const { redis, channel, audits, seal } = await setUp();
  for (let n = 1; n <= 3; n++) await audits.append(channel, seal(n));
  await redis.hdel(keys.auditHead(channel), "seq");
  await audits.append(channel, seal(4));
  expect(verifyAudit(await audits.read(channel)).fault).toMatchObject({ seq: 1 });
  await redis.del(keys.auditHead(channel));
  expect(verifyAudit(await audits.read(channel)).fault).toBeDefined();
  expect(await audits.append(channel, seal(5))).toMatchObject({ seq: 1 });
});
