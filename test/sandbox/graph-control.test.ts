import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startGraph } from "../../src/sandbox/graph/server.ts";
import { verifyHmac } from "../../src/sdk/signature.ts";
import { call } from "./callback-server.ts";
import { ANA, NUMBER, number, type Pair, startPair, text } from "./graph-setup.ts";

let pair: Pair;
beforeEach(async () => {
  pair = await startPair();
});
afterEach(() => pair.stop());

interface Value {
  contacts?: object[];
  messages?: Record<string, unknown>[];
}

/** The values of the webhook with this index. */
function value(index = -1): Value {
  const body = pair.callback.caught.at(index)?.body.toString("utf8") ?? "{}";
  const { entry } = JSON.parse(body) as { entry: { changes: { value: Value }[] }[] };
  return entry[0]?.changes[0]?.value ?? {};
}
const errorOf = (answer: { body: never }) => (answer.body as { error: string }).error;

test("a person forwards, quotes, and sends a letter, a voice note and a sticker", async () => {
  const media = (mimeType: string, more: object = {}) => ({ mimeType, base64: "AAAA", ...more });
  const { wamids } = (await pair.write({ text: "first" })).body as { wamids: string[] };
  await pair.write({ text: "far", forwarded: true });
  expect(value().messages?.[0]?.["context"]).toEqual({ forwarded: true });
  await pair.write({ text: "about that", replyTo: wamids[0] });
  expect(value().messages?.[0]?.["context"]).toEqual({ from: NUMBER, id: wamids[0] });
  await pair.write({ type: "document", media: media("application/pdf") });
  expect(value().messages?.[0]?.["document"]).toMatchObject({ filename: "document" });
  await pair.write({ type: "document", media: media("application/pdf", { fileName: "a.pdf" }) });
  expect(value().messages?.[0]?.["document"]).toMatchObject({ filename: "a.pdf" });
  await pair.write({ type: "audio", media: media("audio/ogg", { voice: true }) });
  expect(value().messages?.[0]?.["audio"]).toMatchObject({ voice: true });
  await pair.write({ type: "sticker", media: media("image/webp") });
  expect(value().messages?.[0]?.["sticker"]).toMatchObject({ animated: false });
});

test("P04: a change of number comes without contacts and opens no window; a person may have no user id", async () => {
  const content = { body: "Ana changed number", wa_id: "447700900124", type: "user_changed_number" };
  await pair.write({ type: "system", content });
  expect(value()).not.toHaveProperty("contacts");
  expect((await pair.send(text("hi"))).status).toBe(400);
  await pair.write({ text: "hello", person: { phone: "+447700900199", userId: null } });
  expect(value().contacts).toEqual([{ profile: { name: "Somebody" }, wa_id: "447700900199" }]);
  const { people } = (await pair.control("GET", "/people")).body as { people: { key: string }[] };
  expect(people.map(({ key }) => key)).toEqual([ANA.phone, "+447700900199"]);
});

test.each([
  ["a phone in words", { text: "x", person: { phone: "Ana" } }, "messages[0].person.phone"],
  ["a time in words", { text: "x", sentAt: "soon" }, "messages[0].sentAt"],
  ["a photo without its type", { type: "image", media: { base64: "AAAA" } }, "messages[0].media"],
  ["no messages", { messages: [] }, "messages"],
  ["1,001 messages", { messages: Array.from({ length: 1001 }, () => ({ text: "x" })) }, "messages"],
])("a control request with %s is refused by name", async (_name, json, field) => {
  const answer = await pair.write(json);
  expect(answer.status).toBe(400);
  expect(errorOf(answer)).toContain(field);
});

test("an emulator without a number asks for one", async () => {
  const empty = await startGraph({ templates: [], numbers: [] });
  const ask = (path: string, json: object) => call(`${empty.url}/sandbox${path}`, { json });
  expect(errorOf(await ask("/messages", { text: "x", person: ANA }))).toContain("number");
  for (const path of ["/changes", "/handshake"]) {
    expect(errorOf(await ask(path, {}))).toContain("number: no business number");
  }
  await empty.stop();
});

test("the callback can be moved, for one number or for all, and what is posted there is signed anew", async () => {
  const other = await startPair({ numbers: [number(), number({ phoneNumberId: "2" })] });
  const { url } = pair.callback;
  await other.control("PUT", "/callback", { url, number: "2" });
  await other.write({ text: "to the first" });
  expect(pair.callback.caught).toHaveLength(0);
  await other.write({ text: "to the second", number: "2" });
  expect(pair.callback.caught).toHaveLength(1);
  await other.control("PUT", "/callback", { url });
  await other.control("PUT", "/secrets", { appSecret: "new", number: "2" });
  await other.control("PUT", "/secrets", { accessToken: "fresh" });
  await other.write({ text: "to the second", number: "2" });
  await other.write({ text: "to the first" });
  await other.stop();
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  const signedBy = pair.callback.caught.map(({ headers, body }) =>
    ["app-secret", "new"].find((secret) =>
      verifyHmac([secret], body, headers["x-hub-signature-256"], format),
    ),
  );
  expect(signedBy).toEqual(["app-secret", "new", "app-secret"]);
});

test("a renewed token is good at once, and the old one no more", async () => {
  await pair.control("PUT", "/secrets", { accessToken: "fresh" });
  expect((await pair.get(NUMBER)).status).toBe(401);
  expect((await pair.get(NUMBER, "fresh")).status).toBe(200);
});

test("any change can be posted, with the number's metadata where Meta adds it", async () => {
  const post = (json: object) => pair.control("POST", "/changes", json);
  expect((await post({ value: { statuses: [] } })).body).toEqual({ accepted: true });
  expect(value()).toMatchObject({ messaging_product: "whatsapp", metadata: { phone_number_id: NUMBER } });
  const change = { number: NUMBER, field: "account_alerts", value: { alert_type: "X" } };
  expect((await post(change)).body).toEqual({ accepted: true });
  expect(value()).toEqual({ alert_type: "X" });
});

test("templates are replaced by a list, with what is left out filled in", async () => {
  const put = await pair.control("PUT", "/templates", [{ name: "hi", language: "en" }]);
  expect(put.body).toEqual({ templates: 1 });
  const listed = (await pair.get("102290129340398/message_templates")).body as { data: object[] };
  expect(listed.data).toEqual([
    expect.objectContaining({ name: "hi", status: "APPROVED", category: "UTILITY" }),
  ]);
});

test("the ledger can be read of one person, and a file that is not there is not shown", async () => {
  await pair.write({ text: "one" });
  await pair.write({ text: "two", person: { phone: "+447700900199" } });
  const { messages } = (await pair.control("GET", `/ledger?person=${encodeURIComponent("+447700900199")}`))
    .body as { messages: { message: object }[] };
  expect(messages.map(({ message }) => message)).toEqual([
    expect.objectContaining({ text: { body: "two" } }),
  ]);
  expect((await pair.control("GET", "/media/1")).status).toBe(404);
});

test("a callback that is not there makes the handshake fail with its reason, and the server lives on", async () => {
  await pair.callback.stop();
  const answer = await pair.control("POST", "/handshake", { number: NUMBER });
  expect([answer.status, errorOf(answer)]).toEqual([500, "fetch failed"]);
  expect((await pair.control("GET", "/numbers")).status).toBe(200);
  const body = "{";
  const headers = { "Content-Type": "application/json" };
  const broken = await fetch(`${pair.graph.url}/sandbox/clock`, { method: "POST", body, headers });
  expect(broken.status).toBe(400);
});

test("the event stream starts over for a last id that is no number", async () => {
  await pair.write({ text: "hello" });
  const headers = { "Last-Event-ID": "x" };
  const stream = await fetch(`${pair.graph.url}/sandbox/events`, { headers });
  const reader = stream.body?.getReader();
  let heard = "";
  while (!heard.includes('"hello"'))
    heard += Buffer.from((await reader?.read())?.value ?? []).toString("utf8");
  await reader?.cancel();
  expect(heard).toMatch(/^id: 1$/m);
});

test("the ledger is also written to a file, and a port that is taken is told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "graph-"));
  const ledgerFile = join(folder, "graph.jsonl");
  const graph = await startGraph({ templates: [], numbers: [number()], ledgerFile });
  await call(`${graph.url}/sandbox/messages`, { json: { text: "hello", person: ANA } });
  const port = Number(new URL(graph.url).port);
  await expect(startGraph({ templates: [], numbers: [], port })).rejects.toThrow("EADDRINUSE");
  await graph.stop();
  const [line] = (await readFile(ledgerFile, "utf8")).split("\n");
  await rm(folder, { recursive: true });
  expect(JSON.parse(line ?? "")).toMatchObject({ seq: 1, kind: "message", person: ANA.phone });
});
