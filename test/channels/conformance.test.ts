import { createHmac } from "node:crypto";
import { channelConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import dialog360 from "../../src/channels/dialog360/index.ts";
import meta from "../../src/channels/meta/index.ts";
import twilio from "../../src/channels/twilio/index.ts";
import { startDialog360 } from "./dialog360-harness.ts";
import {
  ACCOUNT,
  AUTH_TOKEN,
  BYTES,
  cloudWebhooks,
  NUMBER_ID,
  PUBLIC_URL,
  startCloudApi,
  startTwilio,
  twilioMessage,
  twilioRequest,
} from "./providers.ts";

const runner = { describe, it, beforeAll, afterAll };
const hmac = (secret: string, body: Buffer) => createHmac("sha256", secret).update(body).digest("hex");

channelConformance(runner, {
  definition: meta,
  async start() {
    const server = await startCloudApi(
      ({ authorization }) => authorization === "Bearer access-token-of-meta",
    );
    return {
      serverUrl: server.url,
      settings: (url) => ({
        phoneNumberId: NUMBER_ID,
        appSecrets: ["app-secret-of-meta"],
        verifyToken: "verify-token-of-meta",
        accessToken: "access-token-of-meta",
        graphUrl: url,
        mediaHosts: [new URL(server.url).host],
      }),
      handshake: {
        query: {
          "hub.mode": "subscribe",
          "hub.verify_token": "verify-token-of-meta",
          "hub.challenge": "1158201444",
        },
        challenge: "1158201444",
      },
      ...cloudWebhooks((body) => ({ "x-hub-signature-256": `sha256=${hmac("app-secret-of-meta", body)}` })),
      stop: server.stop,
    };
  },
});

channelConformance(runner, { definition: dialog360, start: startDialog360 });

channelConformance(runner, {
  definition: twilio,
  async start() {
    const server = await startTwilio();
    return {
      serverUrl: server.url,
      settings: (url) => ({
        accountSid: ACCOUNT,
        authTokens: [AUTH_TOKEN],
        number: "+442079460100",
        publicUrl: PUBLIC_URL,
        apiUrl: url,
        mediaHosts: [server.storageHost],
      }),
      message: (text) => twilioRequest(twilioMessage(text)),
      receipt: ({ body }, messageId) => {
        const sent = new URLSearchParams(body.toString());
        const form = {
          MessageSid: messageId,
          MessageStatus: "delivered",
          SmsStatus: "delivered",
          AccountSid: ACCOUNT,
          From: sent.get("From") ?? "",
          To: sent.get("To") ?? "",
        };
        return twilioRequest(form, sent.get("StatusCallback")?.replace(/#.*/, ""));
      },
      media: { ref: { id: server.mediaId, mimeType: "image/jpeg" }, bytes: BYTES },
      stop: server.stop,
    };
  },
});
