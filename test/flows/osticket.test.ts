import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { API_KEY, type Osticket, startOsticket } from "../connectors/osticket-server.ts";
import { jpeg } from "../support/sample-files.ts";
import { until } from "../support/until.ts";

const PATIENCE = { withinMs: 30_000, everyMs: 100 };
const person = { phone: "+447700900123", name: "Asha Rao" };
const photo = Buffer.concat([jpeg, randomBytes(70_000)]);
let osticket: Osticket;
let stack: Stack;

beforeAll(async () => {
  osticket = await startOsticket();
  stack = await startStack({
    redisUrl: process.env["REDIS_URL"] ?? "",
    name: `osticket-${process.pid}`,
    helpdesk: { mapping: "osticket", connection: { use: "osticket", url: osticket.url, apiKey: API_KEY } },
  });
  await stack.start("all");
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await osticket?.stop();
});

it("a text and a photo become two tickets of one person, the photo byte-identical, a thumb another one", async () => {
  const media = { mimeType: "image/jpeg", base64: photo.toString("base64") };
  await stack.graph("POST", "/messages", {
    delivery: "album",
    wait: true,
    person,
    messages: [
      { text: "The street light at 12 Mill Road is broken", sentAt: Date.now() - 5000 },
      { type: "image", text: "this one", media, sentAt: Date.now() - 3000 },
    ],
  });
  await stack.graph("POST", "/messages", { person, text: "👍", wait: true });
  await until("three tickets", () => osticket.tickets.length >= 3, PATIENCE);
  expect(osticket.tickets.map(({ body }) => body)).toEqual([
    "The street light at 12 Mill Road is broken",
    expect.stringContaining("this one"),
    "[U+1F44D]",
  ]);
  expect(osticket.tickets[1]?.files[0]?.bytes.equals(photo)).toBe(true);
  const emails = osticket.tickets.map(({ fields }) => String(fields["email"]));
  expect(emails[0]).toMatch(/^\S+@whatsapp\.invalid$/);
  expect(new Set(emails).size).toBe(1);
  expect(osticket.tickets[0]?.fields).toMatchObject({ name: person.name, phone: person.phone });
  expect(osticket.requests()).toBe(3);
}, 60_000);
