import { expect, it } from "vitest";
import { keys } from "../../src/store/keys.ts";
import { ticketChanged } from "../support/builders.ts";
import { openRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

it("what mapping files are given is recorded without anything that people wrote", async () => {
  const setup = await setUpApp({ recording: { enabled: true, keepWords: ["light"] } });
  const { desk, store, channel } = setup;
  const app = await setup.start();
  await setup.write(app, "The street light is broken");
  await until("the comment", () => desk.comments.length === 1);
  const [ticket] = desk.tickets;
  if (!ticket) throw new Error("there is no ticket");
  const { id, externalId } = ticket;
  await setup.report(app, [
    ticketChanged({ ticket: { id, externalId, status: "solved", subject: "Broken light" } }),
  ]);
  await until("five recorded inputs", async () => (await store.recordings.state(channel)).events >= 5);

  const events = [];
  for await (const event of store.recordings.read(channel)) events.push(event);
  expect(new Set(events.map(({ kind }) => kind))).toEqual(
    new Set(["contact", "ticket", "comment", "confirmation", "route"]),
  );
  const text = JSON.stringify(events);
  expect(text).toMatch(/ light /);
  expect(text).not.toMatch(/street|broken/i);
  const redis = await openRedis();
  const raw = JSON.stringify(await redis.hgetall(keys.recordedInputs(channel)));
  expect(raw).not.toMatch(/street|broken/i);
  for (const { phone, name } of desk.contacts.map(({ record }) => record)) {
    if (phone) expect(raw).not.toContain(phone.slice(3));
    if (name) expect(raw).not.toContain(name);
  }
}, 30_000);

it("nothing is recorded unless the settings say so", async () => {
  const setup = await setUpApp();
  const app = await setup.start();
  await setup.write(app, "The street light is broken");
  await until("the comment", () => setup.desk.comments.length === 1);
  const redis = await openRedis();
  expect(await redis.exists(keys.recording(setup.channel), keys.recordingKey(setup.channel))).toBe(0);
}, 30_000);
