import { expect, onTestFinished, test } from "vitest";
import { erase } from "../../src/app/erase.ts";
import { readEntry, sealEntry } from "../../src/domain/audit.ts";
import { verifyAudit } from "../../src/domain/audit-verify.ts";
import { createWakeQueues } from "../../src/queue/wake-queues.ts";
import { kinds } from "../../src/store/personal/holding.ts";
import { createPersonalData, type PersonalData } from "../../src/store/personal/personal-data.ts";
import { work } from "../queue/running-queue.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { START } from "../support/clock.ts";
import { until } from "../support/until.ts";
import {
  CHANNEL,
  type City,
  CONNECTION,
  eraseOptions,
  everything,
  nth,
  openCity,
  showing,
  tracesOf,
} from "./erase-setup.ts";

const traces = new Set(tracesOf(1));
const left = async ({ redis }: City) => showing(await everything(redis), traces);

function says(city: City, id: string, seen: { userId?: string; phone?: string }) {
  const message = { id, text: `said by ${nth(1).name}`, sentAt: START };
  return city.intake.accept([delivery(CHANNEL, messageReceived({ id, person: seen, message }))]);
}

test("an export shows everything there is of a person and nothing of others; after an erasure it is empty", async () => {
  const city = await openCity();
  await city.seed(1);
  await city.seed(2);
  const exported = await city.data.export({ phone: nth(1).phone });
  const text = JSON.stringify(exported);
  for (const word of [
    nth(1).phone,
    nth(1).userId,
    "AdaLovelace1x",
    "ticket-1-",
    "contact-1-",
    "input-1-",
    "waiting-1-",
    "dead-1-",
  ])
    expect(text).toContain(word);
  expect(text).not.toMatch(/AdaLovelace2x|ticket-2-|447700900002/);
  const kinds = Object.keys(exported[CHANNEL] ?? {});
  for (const kind of [
    "waitingEvents",
    "replies",
    "outbounds",
    "deadLetters",
    "quarantine",
    "traces",
    "consents",
    "pace",
  ])
    expect(kinds).toContain(kind);
  await city.data.erase([{ userId: nth(1).userId }], eraseOptions);
  expect(await city.data.export({ phone: nth(1).phone })).toEqual({});
  expect(await left(city)).toEqual([]);
});

test("an event that is being handled is waited for, and what it still writes does not bring the person back", async () => {
  const city = await openCity();
  const key = { channel: CHANNEL, person: nth(1).person };
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handled: string[] = [];
  work(city, async (event) => {
    handled.push(event.id);
    await gate;
    const { links, steps } = city.store;
    await links.saveContact(key, { id: "contact-1-", externalId: "whatsapp:GB", content: "1" });
    await links.saveTicket(key, CONNECTION, { id: nth(1).ticket, epoch: 1, status: "new" });
    await steps.remember(CHANNEL, event.id, { ticket: nth(1).ticket, comment: "comment-1-" });
  });
  // Or a failure would wait for the worker.
  onTestFinished(() => release());
  await says(city, "wamid.handled-1-", nth(1));
  await says(city, "wamid.waiting-1-", nth(1));
  await until("the first event's handling", () => handled.length === 1);

  const told: string[] = [];
  const erasure = city.data.erase([{ phone: nth(1).phone }], {
    ...eraseOptions,
    tell: (line) => void told.push(line),
  });
  await until("the waiting", () => told.some((line) => line.includes("being handled")));
  release();
  const [receipt] = await erasure;
  expect(handled).toEqual(["wamid.handled-1-"]);
  expect(await left(city)).toEqual([]);
  expect(receipt?.leftInHelpdesk).toEqual([
    { connection: CONNECTION, contact: "contact-1-", tickets: ["ticket-1-"] },
  ]);
});

test("events that go on being handled end it with the reason, and it can be run again", async () => {
  const city = await openCity();
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { outcomes } = work(city, () => gate);
  // Or a failure would wait for the worker.
  onTestFinished(() => release());
  await says(city, "wamid.handled-1-", nth(1));
  await until(
    "the handling",
    async () => (await city.queues.atWork(CHANNEL, new Set([nth(1).person]))) === 1,
  );
  const impatient = { ...eraseOptions, waitMs: 0 };
  await expect(city.data.erase([{ phone: nth(1).phone }], impatient)).rejects.toThrow(
    /1 events .* run the command again/,
  );
  release();
  await until("its end", async () => (await city.queues.atWork(CHANNEL, new Set([nth(1).person]))) === 0);
  expect(outcomes).toEqual([]);
  await city.data.erase([{ phone: nth(1).phone }], eraseOptions);
  expect(await left(city)).toEqual([]);
});

test("a run that ends after any number of removals is finished by another one, by either id", async () => {
  const city = await openCity();
  const whole = createPersonalData(city.redis);
  const queues = createWakeQueues(city.redis, [CHANNEL]);
  for (const [round, part] of [0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 1].entries()) {
    await city.seed(1);
    const cut: PersonalData = {
      ...whole,
      remove: async (holdings) => {
        // What leads to the person goes in one transaction, of which nothing is seen half.
        const before = holdings.filter(({ kind }) => kinds.indexOf(kind) < kinds.indexOf("consents"));
        await whole.remove(before.slice(0, Math.floor(part * before.length)));
        throw new Error("cut short");
      },
    };
    const audit = { record: async () => undefined };
    const tools = {
      queues,
      audit,
      configured: [],
      channels: [CHANNEL],
      connections: [CONNECTION],
      connectionOf: () => CONNECTION,
    };
    const asked = round % 2 ? { phone: nth(1).phone } : { userId: nth(1).userId };
    await expect(erase([asked], { ...tools, data: cut }, eraseOptions)).rejects.toThrow("cut short");
    expect((await left(city)).length, `after ${part}`).toBeGreaterThan(0);
    await erase([asked], { ...tools, data: whole }, eraseOptions);
    expect(await left(city), `after ${part}`).toEqual([]);
    // Or the seed would be taken for a repeat.
    for (const key of await city.redis.keys("*:seen:*")) await city.redis.del(key);
  }
  await queues.close();
});

test("a repeat of a message that was erased is not taken in again; a new one is somebody new", async () => {
  const city = await openCity();
  await city.seed(1);
  await city.data.erase([{ phone: nth(1).phone }], eraseOptions);
  for (const id of nth(1).events) expect(await says(city, id, nth(1))).toMatchObject([{ fresh: false }]);
  // A repeat wakes a drain all the same, which finds nothing: BullMQ's keys alone.
  expect((await left(city)).filter((line) => !/:in:(\d+|de:\S+|events) /.test(line))).toEqual([]);
  expect(await says(city, "wamid.new", nth(1))).toMatchObject([{ fresh: true }]);
});

test("two that turned out to be one person are erased as one", async () => {
  const city = await openCity();
  await says(city, "wamid.handled-1-", { phone: nth(1).phone });
  await says(city, "wamid.dead-1-", { userId: nth(1).userId });
  await says(city, "wamid.waiting-1-", { phone: nth(1).phone, userId: nth(1).userId });
  expect((await left(city)).some((line) => line.includes("sameAs"))).toBe(true);
  await city.data.erase([{ phone: nth(1).phone }], eraseOptions);
  expect(await left(city)).toEqual([]);
});

test("who was joined is erased as well by a former user id, to which no entry leads", async () => {
  const city = await openCity();
  const [former, now] = [{ userId: nth(1).userId }, { userId: "GB.7" }];
  await says(city, "wamid.handled-1-", former);
  const [second] = await says(city, "wamid.dead-1-", now);
  const key = { channel: CHANNEL, person: second?.person ?? "" };
  await city.store.links.saveTicket(key, CONNECTION, { id: "ticket-1-", epoch: 1, status: "open" });
  const told = messageReceived({ id: "wamid.waiting-1-", person: now, formerly: former });
  expect(await city.intake.accept([delivery(CHANNEL, told)])).toMatchObject([{ person: second?.person }]);
  await city.data.erase([former], eraseOptions);
  expect(await left(city)).toEqual([]);
  expect(await city.store.people.get(key)).toEqual({});
});

test("a number that went to somebody else leads to them, and who had it before stays", async () => {
  const city = await openCity();
  await says(city, "wamid.a", { userId: nth(1).userId, phone: nth(1).phone });
  await says(city, "wamid.b", { userId: nth(2).userId, phone: nth(1).phone });
  await city.data.erase([{ phone: nth(1).phone }], eraseOptions);
  expect(await city.store.people.get({ channel: CHANNEL, person: nth(1).person })).toMatchObject({
    userId: nth(1).userId,
  });
  expect(await city.store.people.get({ channel: CHANNEL, person: nth(2).person })).toEqual({});
});

test("an opt-out goes with the rest, unless it is to be kept: then it still stops, whichever id they come back under", async () => {
  for (const keepOptOut of [false, true]) {
    for (const seen of [{ phone: nth(1).phone }, { userId: nth(1).userId }]) {
      const city = await openCity();
      await city.seed(1);
      const [receipt] = await city.data.erase([{ phone: nth(1).phone }], { ...eraseOptions, keepOptOut });
      expect(receipt?.keptOptOuts).toBe(keepOptOut ? 2 : 0);
      const traces = (await left(city)).map((line) => line.replace(/[0-9a-f]{20}/, "…"));
      const fields = ["at 2026-11-02T09:00:00.000Z", "evidence erased", "source message", "state stop"];
      const stays = fields.map((field) => `{deskferry:city}:consent:all:… ${field}`);
      expect([...new Set(traces)].sort()).toEqual(keepOptOut ? stays : []);
      const [accepted] = await says(city, "wamid.new", seen);
      const consents = await city.store.consents.get({ channel: CHANNEL, person: accepted?.person ?? "" });
      expect(consents.all?.state).toBe(keepOptOut ? "stop" : undefined);
    }
  }
});

test("a wake job of a worker that died holds nothing up", async () => {
  const city = await openCity();
  await says(city, "wamid.waiting-1-", nth(1));
  await city.redis.rpoplpush("{deskferry:city}:in:wait", "{deskferry:city}:in:active");
  await city.data.erase([{ phone: nth(1).phone }], { ...eraseOptions, waitMs: 0 });
  expect(await left(city)).toEqual([]);
});

test("the audit log tells of exports and erasures by the digest of receipts; what it told of the person is shown and stays", async () => {
  const city = await openCity();
  await city.seed(1);
  const { audits } = city.store;
  const told = { what: "consent.changed", detail: { person: nth(1).person, state: "stop" } } as const;
  await audits.append(CHANNEL, (after) => sealEntry(CHANNEL, after, { ...told, at: START, by: "system" }));
  const exported = await city.data.export({ phone: nth(1).phone });
  expect(exported[CHANNEL]?.auditEntries).toHaveLength(1);
  const [receipt] = await city.data.erase([{ phone: nth(1).phone }], eraseOptions);
  expect(receipt?.keptAuditEntries).toBe(1);
  const chain = await audits.read(CHANNEL);
  const entries = chain.texts.map((text) => readEntry(text));
  expect(entries.map((entry) => entry?.what)).toEqual([
    "consent.changed",
    "person.exported",
    "person.erased",
  ]);
  expect(entries.slice(1).map((entry) => entry?.detail["person"])).toEqual([
    receipt?.person,
    receipt?.person,
  ]);
  expect(verifyAudit(chain).fault).toBeUndefined();
  expect((await left(city)).filter((line) => !line.startsWith("{deskferry:city}:audit "))).toEqual([]);
});
