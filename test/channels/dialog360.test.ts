import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import dialog360 from "../../src/channels/dialog360/index.ts";
import { createHttpClient } from "../../src/sdk/index.ts";
import { startGraph } from "./graph-server.ts";

const least = { phoneNumberId: "100000000000001", apiKey: "api-key" };
const webhookHeader = { name: "X-Deskferry-Key", value: "a-long-random-word" };
const body = Buffer.from('{"object":"whatsapp_business_account"}');
const signature = createHmac("sha256", "platform-secret").update(body).digest("hex");

function create(settings: object) {
  const clock = { now: () => 0 };
  const log = { debug() {}, info() {}, warn() {} };
  const config = dialog360.config.parse({ ...least, ...settings });
  return dialog360.create(config, { http: (options) => createHttpClient(options, clock), log, clock });
}

describe("proof of the sender", () => {
  const bySignature = { "x-360dialog-signature": signature };
  const byHeader = { "x-deskferry-key": "a-long-random-word" };
  const other = { "x-360dialog-signature": signature.replace(/.$/, "x"), "x-deskferry-key": "another" };

  test.each<[string, object, Record<string, string>, boolean]>([
    ["the header alone", { webhookHeader }, byHeader, true],
    ["a header with another value", { webhookHeader }, other, false],
    ["no header", { webhookHeader }, bySignature, false],
    ["the signature alone", { webhookSecrets: ["platform-secret"] }, bySignature, true],
    ["the older of two secrets", { webhookSecrets: ["new", "platform-secret"] }, bySignature, true],
    ["another signature", { webhookSecrets: ["platform-secret"] }, other, false],
    ["both", { webhookHeader, webhookSecrets: ["platform-secret"] }, { ...bySignature, ...byHeader }, true],
    ["one of two", { webhookHeader, webhookSecrets: ["platform-secret"] }, byHeader, false],
    ["the other of two", { webhookHeader, webhookSecrets: ["platform-secret"] }, bySignature, false],
    [
      "Meta's own signature",
      { webhookSecrets: ["platform-secret"] },
      { "x-hub-signature-256": `sha256=${signature}` },
      false,
    ],
  ])("%s", (_name, settings, headers, accepted) => {
    expect(create(settings).verify({ headers, query: {}, body })).toBe(accepted);
  });

  test("without any the settings are refused, and so is every webhook", () => {
    const { error } = dialog360.config.safeParse(least);
    expect(error?.issues[0]?.message).toContain("webhookHeader or webhookSecrets");
    const config = { ...dialog360.config.parse({ ...least, webhookHeader }), webhookHeader: undefined };
    const idle = () => Promise.reject(new Error("idle"));
    const tools = { http: () => ({ request: idle, download: idle }), log: console, clock: Date };
    const channel = dialog360.create(config, tools);
    expect(channel.verify({ headers: bySignature, query: {}, body })).toBe(false);
    expect(channel.verify({ headers: {}, query: {}, body })).toBe(false);
  });
});

test("sends without the number's id, with the key, at 360dialog's host", async () => {
  const server = await startGraph(() => ({ body: { messages: [{ id: "wamid.1" }] } }));
  const channel = create({ webhookHeader, apiUrl: server.url });
  const outbound = { kind: "text", text: "Hello" } as const;
  await channel.send({ to: { phone: "+447700900123" }, outbound, callbackData: "i-0" });
  const [call] = server.calls;
  expect(call).toMatchObject({ method: "POST", path: "/messages" });
  expect(call?.headers["d360-api-key"]).toBe("api-key");
  expect(call?.headers.authorization).toBeUndefined();
  await server.stop();
});

test("a file is fetched at 360dialog's host, whatever host Meta tells", async () => {
  const url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=x";
  const server = await startGraph(({ path }) =>
    path === "/3001" ? { body: { url, mime_type: "image/png" } } : { body: Buffer.from("bytes") },
  );
  const channel = create({ webhookHeader, apiUrl: server.url });
  const path = `/tmp/deskferry-360-${process.pid}-${Date.now()}`;
  await channel.fetchMedia({ id: "3001", mimeType: "image/png" }, { path, maxBytes: 100 });
  expect(server.calls.map(({ path: asked, query }) => [asked, query])).toEqual([
    ["/3001", {}],
    ["/whatsapp_business/attachments/", { mid: "1", hash: "x" }],
  ]);
  await server.stop();
});

test("the check tells where webhooks go, without what the address may hide", async () => {
  const server = await startGraph(() => ({
    body: { url: "https://desk.example.org/webhooks/x?key=secret" },
  }));
  const lines = await create({ webhookHeader, apiUrl: server.url }).checkConnection?.();
  expect(lines).toEqual(["the key is good; webhooks go to https://desk.example.org/webhooks/x"]);
  await server.stop();
});

test("a failed receipt is explained by Meta's codes", () => {
  expect(create({ webhookHeader }).explainError?.({ code: 131047, title: "" }).action).toBe("use_template");
});
