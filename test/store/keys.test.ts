import { describe, expect, test } from "vitest";
import { byTag, channelTag, connectionTag, keys } from "../../src/store/keys.ts";
import { createStore } from "../../src/store/store.ts";
import { commentAdded } from "../support/builders.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const template = { name: "welcome", language: "de" };

/** One key of each kind that belongs to a channel. */
const ofChannel = (channel: string) => [
  ...(["seen", "seenOf", "steps", "stepsOf", "intent", "outbound", "sent", "reply"] as const).map((kind) =>
    keys[kind](channel, "an id"),
  ),
  ...(["contact", "ticket", "person", "alias", "held", "personPace"] as const).map((kind) =>
    keys[kind](channel, "ada"),
  ),
  ...(["in", "out", "receipt"] as const).flatMap((lane) => [
    keys.mailbox(channel, lane, "ada"),
    keys.head(channel, lane, "ada"),
    keys.pending(channel, lane),
  ]),
  ...(["confirmed", "dead", "quarantine", "account", "undelivered", "stop", "pace"] as const).map((kind) =>
    keys[kind](channel),
  ),
  ...(["templates", "templatesState", "recording", "recordedInputs", "recordingKey"] as const).map((kind) =>
    keys[kind](channel),
  ),
  ...(["audit", "auditHead", "trace"] as const).map((kind) => keys[kind](channel)),
  ...(["all", "marketing"] as const).map((scope) => keys.consent(channel, "ada", scope)),
  keys.stoppedTemplate(channel, template),
  keys.templateNews(channel, template),
  keys.replies(channel, "2026-11"),
];

const ofConnection = (connection: string) => [
  keys.reverse(connection, "1"),
  ...(["cursor", "lease", "calls", "callLine", "accountStop"] as const).map((kind) => keys[kind](connection)),
];

const ofNone = [keys.receiptKey(), keys.nameKeyMark(), keys.tokens(), keys.tokensUsed()];

describe("keys", () => {
  test("of a channel stand under its tag alone, so that one script may touch them all on a cluster", () => {
    for (const key of ofChannel("city")) expect(key).toMatch(/^\{deskferry:city\}:./);
    for (const key of ofConnection("desk")) expect(key).toMatch(/^\{deskferry:connection:desk\}:./);
    for (const key of ofNone) expect(key).toMatch(/^\{deskferry\}:./);
  });

  test("of each kind, channel and connection are another, but for those of one event by id and by eventKey", () => {
    const all = [
      ...ofChannel("city"),
      ...ofChannel("town"),
      ...ofConnection("city"),
      ...ofConnection("town"),
      ...ofNone,
    ];
    expect(all.length).toBe(new Set(all).size);
    expect(keys.seen("city", "a")).not.toBe(keys.seen("city", "b"));
    const name = keys.seen("city", "a").split(":").at(-1) ?? "";
    expect(keys.seenOf("city", name)).toBe(keys.seen("city", "a"));
    expect(keys.stepsOf("city", name)).toBe(keys.steps("city", "a"));
  });

  test("tell whom or what they are about by its digest, where the id says more", () => {
    for (const kind of ["seen", "steps", "intent", "sent"] as const) {
      expect(keys[kind]("city", "+447700900001")).not.toContain("447700900001");
    }
  });

  test("keep apart what is about two people, templates, languages, months or tickets", () => {
    const pairs = [
      [keys.person("city", "ada"), keys.person("city", "bob")],
      [keys.consent("city", "ada", "all"), keys.consent("city", "bob", "all")],
      [keys.templateNews("city", template), keys.templateNews("city", { ...template, language: "en" })],
      [keys.stoppedTemplate("city", template), keys.stoppedTemplate("city", { ...template, name: "bye" })],
      [keys.replies("city", "2026-11"), keys.replies("city", "2026-12")],
      [keys.reverse("desk", "1"), keys.reverse("desk", "2")],
    ];
    for (const [one, other] of pairs) expect(one).not.toBe(other);
  });
});

test("what is to be touched at once is grouped by tag, groups and members in their order", () => {
  const items = ["b", "a", "b", "c", "a"].map((channel, n) => ({ n, key: keys.dead(channel) }));
  const groups = byTag(items, ({ key }) => key).map((group) => group.map(({ n }) => n));
  expect(groups).toEqual([[0, 2], [1, 4], [3]]);
  const [one, other] = [keys.dead("a"), keys.stop("a")];
  expect(byTag([one, other], (key) => key)).toEqual([[one, other]]);
  expect(byTag([], String)).toEqual([]);
  expect(channelTag("connection:a")).toBe(connectionTag("a"));
});

test("what is remembered for a time is forgotten after it, and not before", async () => {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const store = createStore(redis);
  const now = Date.parse("2026-11-02T12:00:00.000Z");
  await store.templates.note(channel, { ...template, status: "PAUSED", at: "2026-11-02T12:00:00.000Z" }, now);
  await store.intents.begin(channel, "i", now);
  await store.outbounds.begin(channel, "o", { person: "ada", now, reply: commentAdded() });
  await store.outbounds.sent(channel, "o", "wamid.1", "2026-11");
  const lasts: [string, number][] = [
    [keys.templateNews(channel, template), 7 * DAY],
    [keys.intent(channel, "i"), 8 * DAY],
    [keys.outbound(channel, "o"), 35 * DAY],
    [keys.sent(channel, "wamid.1"), 35 * DAY],
    [keys.reply(channel, "o"), DAY],
    [keys.replies(channel, "2026-11"), 40 * DAY],
  ];
  for (const [key, ms] of lasts) {
    const left = await redis.pttl(key);
    expect(left, key).toBeGreaterThan(ms - HOUR);
    expect(left, key).toBeLessThanOrEqual(ms);
  }
});
