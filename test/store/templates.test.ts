import { expect, test } from "vitest";
import type { TemplateInfo } from "../../src/domain/template.ts";
import { keys, TEMPLATE_NEWS_SECONDS } from "../../src/store/keys.ts";
import { createTemplates } from "../../src/store/templates.ts";
import { openPersonal } from "./personal-setup.ts";

const NOW = 1_000_000;
const info = (name: string, language = "en", status = "APPROVED"): TemplateInfo => ({
  ...{ name, language, status, category: "UTILITY", header: [], body: ["1"], buttons: [], alsoNeeds: [] },
});
const news = (name: string, status: string, at = "2026-11-20T08:00:00.000Z") => ({
  ...{ name, language: "en", status, at },
});

async function setUp() {
  const open = await openPersonal();
  return { ...open, templates: createTemplates(open.redis) };
}

const byName = (a: TemplateInfo, b: TemplateInfo) => a.name.localeCompare(b.name);

test("of an account that was never asked nothing is known", async () => {
  const { channel, templates } = await setUp();
  expect(await templates.state(channel)).toBeUndefined();
  expect(await templates.all(channel)).toBeUndefined();
  expect(await templates.versionsOf(channel, ["hello"])).toBeUndefined();
});

test("a copy is replaced whole, also by none", async () => {
  const { channel, other, templates } = await setUp();
  const [hello, bye] = [info("hello"), info("bye")];
  await templates.replace(channel, [hello, bye], NOW);
  expect((await templates.all(channel))?.sort(byName)).toEqual([bye, hello]);
  expect(await templates.state(channel)).toEqual({ at: NOW, count: 2, isStale: false });
  expect(await templates.all(other)).toBeUndefined();
  await templates.replace(channel, [bye], NOW + 1);
  expect(await templates.all(channel)).toEqual([bye]);
  await templates.replace(channel, [], NOW + 2);
  expect(await templates.all(channel)).toEqual([]);
  expect(await templates.state(channel)).toEqual({ at: NOW + 2, count: 0, isStale: false });
});

test("all versions and languages of a template are found by any of its names, others are not", async () => {
  const { channel, templates } = await setUp();
  const versions = [info("hello"), info("hello", "de"), info("hello_v2")];
  await templates.replace(channel, [...versions, info("bye")], NOW);
  expect(await templates.versionsOf(channel, ["hello"])).toEqual(versions);
  expect(await templates.versionsOf(channel, ["hello_v2", "hello"])).toEqual(versions);
  expect(await templates.versionsOf(channel, ["bye", "none"])).toEqual([info("bye")]);
  expect(await templates.versionsOf(channel, [])).toEqual([]);
});

test("news that came since the account was asked counts, by the provider's time; earlier news does not", async () => {
  const { redis, channel, templates } = await setUp();
  await templates.replace(channel, [info("hello"), info("hello", "de"), info("bye")], NOW);
  expect(await templates.note(channel, news("hello", "PAUSED"), NOW)).toBe(true);
  expect(await templates.note(channel, news("hello", "PENDING", "2026-11-20T07:59:59.000Z"), NOW)).toBe(
    false,
  );
  expect(await templates.note(channel, news("bye", "PAUSED"), NOW - 1)).toBe(true);
  const statuses = async () =>
    (await templates.all(channel))
      ?.sort(byName)
      .map(({ name, language, status }) => [name, language, status]);
  expect(await statuses()).toEqual([
    ["bye", "en", "APPROVED"],
    ["hello", "en", "PAUSED"],
    ["hello", "de", "APPROVED"],
  ]);
  expect(await templates.note(channel, news("hello", "DISABLED"), NOW + 1)).toBe(true);
  expect((await templates.versionsOf(channel, ["hello"]))?.[0]).toEqual(info("hello", "en", "DISABLED"));
  const left = await redis.ttl(keys.templateNews(channel, { name: "hello", language: "en" }));
  expect(left).toBeGreaterThan(TEMPLATE_NEWS_SECONDS - 60);
});

test("a copy is stale from the moment it is marked until the account is asked later", async () => {
  const { channel, templates } = await setUp();
  await templates.replace(channel, [], NOW);
  await templates.markStale(channel, NOW - 1);
  expect((await templates.state(channel))?.isStale).toBe(false);
  await templates.markStale(channel, NOW);
  expect((await templates.state(channel))?.isStale).toBe(true);
  await templates.replace(channel, [], NOW + 1);
  expect((await templates.state(channel))?.isStale).toBe(false);
});

test("one in so many milliseconds asks the account", async () => {
  const { channel, other, templates } = await setUp();
  expect(await templates.claimRefresh(channel, 1000, NOW)).toBe(true);
  expect(await templates.claimRefresh(channel, 1000, NOW + 999)).toBe(false);
  expect(await templates.claimRefresh(other, 1000, NOW + 999)).toBe(true);
  expect(await templates.claimRefresh(channel, 1000, NOW + 1000)).toBe(true);
  expect(await templates.claimRefresh(channel, 1000, NOW + 1001)).toBe(false);
});
