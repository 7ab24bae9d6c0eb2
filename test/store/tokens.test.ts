import { expect, onTestFinished, test } from "vitest";
import { createTokens } from "../../src/store/tokens.ts";
import { openPersonal } from "./personal-setup.ts";

const AT = "2026-11-20T08:00:00.000Z";

test("tokens are kept, listed with their latest use, and gone once removed", async () => {
  const { redis, channel } = await openPersonal();
  const tokens = createTokens(redis);
  // All tests share one list: these ids are of this test alone.
  const [one, two] = ["one", "two"].map((name) => `${channel}-${name}`) as [string, string];
  const record = (id: string) => ({
    ...{ id, hash: `hash of ${id}`, scopes: ["health:read"] as const, createdAt: AT, expiresAt: AT },
  });
  onTestFinished(async () => {
    await Promise.all([one, two].map((id) => tokens.remove(id)));
  });
  const listed = async () =>
    (await tokens.list()).filter(({ id }) => id.startsWith(channel)).sort((a, b) => a.id.localeCompare(b.id));
  expect(await tokens.find(one)).toBeUndefined();
  await tokens.add(record(one));
  await tokens.add(record(two));
  expect(await tokens.find(one)).toEqual(record(one));
  await tokens.noteUse(one, "2026-11-20T09:00");
  await tokens.noteUse(one, "2026-11-20T09:01");
  expect(await listed()).toStrictEqual([{ ...record(one), usedAt: "2026-11-20T09:01" }, record(two)]);
  expect(await tokens.remove(one)).toBe(true);
  expect(await tokens.remove(one)).toBe(false);
  expect(await tokens.find(one)).toBeUndefined();
  await tokens.add(record(one));
  expect(await listed()).toStrictEqual([record(one), record(two)]);
});
