import { Router } from "express";
import request from "supertest";
import { expect, test } from "vitest";
import twilio from "../../src/channels/twilio/index.ts";
import { renderMessage } from "../../src/channels/twilio/send.ts";
import { channelWebhook } from "../../src/http/channel-webhook.ts";
import { createHttpApp } from "../../src/http/server.ts";
import { createHttpClient, type ParsedPayload, type WebhookRequest } from "../../src/sdk/index.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { ACCOUNT, AUTH_TOKEN, PUBLIC_URL, twilioMessage, twilioRequest } from "./providers.ts";

const receivedAt = "2026-11-18T11:06:40.000Z";
const config = twilio.config.parse({
  accountSid: ACCOUNT,
  authTokens: [AUTH_TOKEN],
  number: "+442079460100",
  publicUrl: PUBLIC_URL,
});

/** The webhooks' server with one Twilio channel; it hears another address than Twilio calls. */
function start() {
  const taken: ParsedPayload[] = [];
  const clock = { now: () => Date.parse(receivedAt) };
  const log = { debug() {}, info() {}, warn() {} };
  const channel = twilio.create(config, { http: (options) => createHttpClient(options, clock), log, clock });
  const logger = createLogger("silent");
  const side = channelWebhook({
    endpoints: new Map([
      ["city", { channel, parse: (body, query) => twilio.parse(body, { query, receivedAt }) }],
    ]),
    take: async (_name, _request, parsed) => void taken.push(parsed),
    counted: () => undefined,
    logger,
  });
  return { app: createHttpApp(Router(), { "/webhooks/channels": side }, logger), taken };
}

function post(app: ReturnType<typeof start>["app"], { headers, body }: WebhookRequest, query = "") {
  const signature = headers["x-twilio-signature"] ?? "";
  return request(app)
    .post(`/webhooks/channels/city${query}`)
    .set("Content-Type", "application/x-www-form-urlencoded")
    .set("X-Twilio-Signature", signature)
    .send(body.toString());
}

test("a message behind a reverse proxy is taken and answered with TwiML, which Twilio wants", async () => {
  const { app, taken } = start();
  const answer = await post(app, twilioRequest(twilioMessage("Grüße & 1+1=2")));
  expect([answer.status, answer.type, answer.text]).toEqual([200, "text/xml", "<Response/>"]);
  expect(taken[0]?.events).toMatchObject([{ at: receivedAt, message: { text: "Grüße & 1+1=2" } }]);
});

test("a receipt brings the intent back that stood in the address for receipts", async () => {
  const { app, taken } = start();
  const outbound = { kind: "text", text: "Hello" } as const;
  const callbackData = "0123456789abcdef0123-template";
  const sent = renderMessage(config, { to: { phone: "+447700900123" }, outbound, callbackData });
  const called = new URL(sent["StatusCallback"] ?? "");
  called.hash = "";
  const form = { MessageSid: "SM1", MessageStatus: "read", From: sent["From"] ?? "", To: sent["To"] ?? "" };
  const answer = await post(app, twilioRequest(form, called.href), called.search);
  expect(answer.status).toBe(200);
  expect(taken[0]?.events).toMatchObject([{ receipt: { messageId: "SM1", state: "read", callbackData } }]);
});

test("a receipt with another intent than was signed is refused", async () => {
  const { app, taken } = start();
  const form = { MessageSid: "SM1", MessageStatus: "read", From: "whatsapp:+442079460100" };
  const answer = await post(app, twilioRequest(form, `${PUBLIC_URL}?intent=a-0`), "?intent=b-0");
  expect([answer.status, taken]).toEqual([401, []]);
});
