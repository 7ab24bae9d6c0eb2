import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { verifyHmac } from "../../src/sdk/signature.ts";
import { eventually } from "./callback-server.ts";
import { ANA, NUMBER, number, type Pair, SECRET, startPair } from "./graph-setup.ts";

let pair: Pair;
beforeEach(async () => {
  pair = await startPair();
});
afterEach(() => pair.stop());

interface Envelope {
  object: string;
  entry: { id: string; changes: { field: string; value: Record<string, never> }[] }[];
}

function envelope(index = 0): Envelope {
  return JSON.parse(pair.callback.caught[index]?.body.toString("utf8") ?? "{}") as Envelope;
}

function messagesOf(index = 0): Record<string, unknown>[] {
  return envelope(index).entry.flatMap((entry) =>
    entry.changes.flatMap((change) => change.value["messages"] ?? []),
  );
}

test("P28: what is signed is the escaped form of the bytes on the wire, and it reads back as written", async () => {
  const words = "مرحبا नमस्ते 👨‍👩‍👧 ä/ö";
  await pair.write({ type: "text", text: words });
  const [caught] = pair.callback.caught;
  const body = caught?.body ?? Buffer.alloc(0);
  expect(/^[\x20-\x7e]+$/.test(body.toString("latin1"))).toBe(true);
  expect(body.toString("latin1")).toContain("\\u0645");
  expect(body.toString("latin1")).toContain("\\/");
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  const signature = caught?.headers["x-hub-signature-256"];
  expect(verifyHmac([SECRET], body, signature, format)).toBe(true);
  const reserialised = JSON.stringify(JSON.parse(body.toString("utf8")));
  expect(verifyHmac([SECRET], reserialised, signature, format)).toBe(false);
  expect(messagesOf()[0]?.["text"]).toEqual({ body: words });
});

test("a text arrives in Meta's envelope with number, contact and a time stamp in seconds", async () => {
  const { body } = await pair.write({ type: "text", text: "hello", sentAt: "2026-11-21T10:00:00Z" });
  const [wamid] = (body as { wamids: string[] }).wamids;
  expect(envelope().object).toBe("whatsapp_business_account");
  expect(envelope().entry[0]?.id).toBe("102290129340398");
  const value = envelope().entry[0]?.changes[0]?.value as Record<string, unknown>;
  expect(value["metadata"]).toEqual({ display_phone_number: "441632960961", phone_number_id: NUMBER });
  expect(value["contacts"]).toEqual([
    { profile: { name: "Ana" }, wa_id: "447700900123", user_id: expect.stringMatching(/^ZZ\.\d+$/) },
  ]);
  expect(messagesOf()[0]).toMatchObject({
    id: wamid,
    from: "447700900123",
    timestamp: "1795255200",
    type: "text",
  });
  expect(Buffer.from(wamid?.slice(6) ?? "", "base64").toString("latin1")).toContain("447700900123");
});

test("P04: a person may hide the phone, or have none", async () => {
  await pair.write({ text: "one", person: { ...ANA, userId: "GB.123", hidePhone: true } });
  await pair.write({ text: "two", person: { userId: "IN.9", username: "@asha", name: "Asha" } });
  expect(messagesOf(0)[0]).not.toHaveProperty("from");
  expect(messagesOf(0)[0]).toMatchObject({ from_user_id: "GB.123" });
  expect(messagesOf(1)[0]).not.toHaveProperty("from");
  const value = envelope(1).entry[0]?.changes[0]?.value as Record<string, unknown>;
  expect(value["contacts"]).toEqual([{ profile: { name: "Asha", username: "@asha" }, user_id: "IN.9" }]);
});

test("P07: a batch is one webhook with every message in order, grouped by person", async () => {
  const messages = Array.from({ length: 9 }, (_, index) => ({
    text: `message ${index}`,
    person: { phone: `+44770090010${Math.floor(index / 3)}`, name: `Person ${Math.floor(index / 3)}` },
  }));
  await pair.write({ delivery: "batch", messages });
  expect(pair.callback.caught).toHaveLength(1);
  expect(envelope().entry).toHaveLength(1);
  expect(envelope().entry[0]?.changes).toHaveLength(3);
  expect(messagesOf().map((message) => (message["text"] as { body: string }).body)).toEqual(
    messages.map((message) => message.text),
  );
});

test("P01: an album of ten photos is ten webhooks, each with a file of its own", async () => {
  const messages = Array.from({ length: 10 }, (_, index) => ({
    type: "image",
    media: { mimeType: "image/jpeg", base64: Buffer.from(`photo ${index}`).toString("base64") },
  }));
  await pair.write({ delivery: "album", messages });
  expect(pair.callback.caught).toHaveLength(10);
  const images = pair.callback.caught.map(
    (_, index) => messagesOf(index)[0]?.["image"] as { sha256?: string },
  );
  const hashes = images.map((image) => image?.sha256);
  const expected = messages.map((_, index) => createHash("sha256").update(`photo ${index}`).digest("base64"));
  expect(hashes.sort()).toEqual(expected.sort());
});

test("P24: two numbers of two apps sign with their own secrets and go to their own callbacks", async () => {
  const other = await startPair({ numbers: [number(), number({ phoneNumberId: "2", appSecret: "other" })] });
  const messages = [{ text: "to the first" }, { text: "to the second", number: "2" }];
  await other.write({ delivery: "batch", messages });
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  const secretOf = (index: number) => {
    const caught = other.callback.caught[index];
    const signature = caught?.headers["x-hub-signature-256"];
    return [SECRET, "other"].find((secret) => verifyHmac([secret], caught?.body ?? "", signature, format));
  };
  await other.stop();
  expect([secretOf(0), secretOf(1)].sort()).toEqual([SECRET, "other"].sort());
});

test("a webhook that is answered with 503 comes again, byte for byte, until 200", async () => {
  pair.callback.answers.push(503, 500);
  await pair.write({ text: "hello" });
  expect(pair.callback.caught).toHaveLength(3);
  expect(new Set(pair.callback.caught.map(({ body }) => body.toString("latin1"))).size).toBe(1);
  const { body } = await pair.control("GET", "/ledger");
  const { webhooks } = body as { webhooks: { status: number; attempt: number }[] };
  expect(webhooks.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 503],
    [2, 500],
    [3, 200],
  ]);
});

test("it gives a webhook up when the schedule is used up, and says so in the ledger", async () => {
  pair.callback.answers.push(500, 500, 500, 500, 500);
  await pair.write({ text: "hello" });
  const { body } = await pair.control("GET", "/ledger");
  expect((body as { webhooks: unknown[] }).webhooks).toHaveLength(4);
  expect((body as { pendingWebhooks: number }).pendingWebhooks).toBe(0);
});

test("P34: duplicates come on request, with the same id", async () => {
  await pair.write({ text: "hello", repeat: 3 });
  expect(pair.callback.caught).toHaveLength(3);
  expect(new Set([0, 1, 2].map((index) => messagesOf(index)[0]?.["id"])).size).toBe(1);
});

test("P09: types without a shape of their own pass through, further keys too", async () => {
  const location = { latitude: 53.35, longitude: -6.26, name: "Dublin" };
  await pair.write({ type: "location", content: location, extra: { referral: { source_type: "ad" } } });
  expect(messagesOf()[0]).toMatchObject({ type: "location", location, referral: { source_type: "ad" } });
});

test("the callback's handshake is asked as Meta asks it", async () => {
  const ask = () => pair.control("POST", "/handshake", {});
  expect((await ask()).body).toEqual({ verified: false });
  await pair.stop();
  pair = await startPair({ numbers: [number({ verifyToken: "let-me-in" })] });
  expect((await ask()).body).toEqual({ verified: true });
});

test.each([
  ["a text without text", { text: undefined }, "messages[0].text"],
  ["a photo without bytes", { type: "image" }, "messages[0].media"],
  ["somebody without phone or id", { text: "hello", person: {} }, "messages[0].person"],
  ["an unknown way of delivery", { text: "hello", delivery: "pigeon" }, "delivery"],
  ["a number nobody has", { text: "hello", number: "1" }, "number"],
])("a control request with %s is refused by name", async (_name, json, field) => {
  const { status, body } = await pair.write(json);
  expect(status).toBe(400);
  expect((body as { error: string }).error).toContain(field);
  expect(pair.callback.caught).toHaveLength(0);
});

test("two thousand messages of two hundred people are through in seconds", async () => {
  for (const half of [0, 1]) {
    const messages = Array.from({ length: 1000 }, (_, index) => ({
      text: `message ${index}`,
      person: { phone: `+4477009${String(half * 100 + (index % 100)).padStart(5, "0")}` },
    }));
    await pair.write({ delivery: "album", messages, wait: false });
  }
  await eventually(() => pair.callback.caught.length === 2000 || undefined, 15_000);
  const ids = pair.callback.caught.map((_, index) => messagesOf(index)[0]?.["id"]);
  expect(new Set(ids).size).toBe(2000);
});
