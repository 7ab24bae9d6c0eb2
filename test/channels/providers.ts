import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { WebhookRequest } from "deskferry/sdk";
import type { ChannelHarness, Passed } from "deskferry/sdk/testing";

export const NUMBER_ID = "100000000000001";
export const BYTES = randomBytes(200_000);

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(handler: Handler) {
  const server = createServer(async (request, response) => {
    await buffer(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

function file(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "image/jpeg", "Content-Length": BYTES.length }).end(BYTES);
}

/** A server like the Cloud API's: sends below `/messages`, uploads below `/media`, files by id and address. */
export function startCloudApi(isKnown: (headers: IncomingMessage["headers"]) => boolean) {
  return listen((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://loopback");
    if (!isKnown(request.headers)) return json(response, 401, { error: "who are you?" });
    if (request.method === "POST" && pathname.endsWith("/messages")) {
      return json(response, 200, { messages: [{ id: "wamid.OUT1" }] });
    }
    if (request.method === "POST" && pathname.endsWith("/media")) {
      return json(response, 200, { id: "400000000000001" });
    }
    if (pathname.endsWith("/300000000000001")) {
      const url = `http://${request.headers.host}/whatsapp_business/attachments/?mid=1&hash=x`;
      return json(response, 200, { url, mime_type: "image/jpeg", file_size: BYTES.length });
    }
    if (pathname === "/whatsapp_business/attachments/") return file(response);
    return json(response, 404, {});
  });
}

const metadata = { display_phone_number: "442079460100", phone_number_id: NUMBER_ID };
const contacts = [{ profile: { name: "Ana Example" }, wa_id: "447700900123" }];

function cloudPayload(value: object): Buffer {
  const change = { field: "messages", value: { messaging_product: "whatsapp", metadata, ...value } };
  const entry = [{ id: "200000000000001", changes: [change] }];
  return Buffer.from(JSON.stringify({ object: "whatsapp_business_account", entry }));
}

/** The inbound side of a provider that hands the Cloud API's payloads on, signed in its own way. */
export function cloudWebhooks(
  sign: (body: Buffer) => WebhookRequest["headers"],
): Pick<ChannelHarness, "message" | "receipt" | "media"> {
  const signed = (body: Buffer) => ({ headers: sign(body), query: {}, body });
  return {
    message: (text) =>
      signed(
        cloudPayload({
          contacts,
          messages: [
            {
              from: "447700900123",
              id: "wamid.M1",
              timestamp: "1795000000",
              type: "text",
              text: { body: text },
            },
          ],
        }),
      ),
    receipt: ({ body }: Passed, id) => {
      const sent = JSON.parse(body.toString()) as { biz_opaque_callback_data: string };
      const status = { id, status: "delivered", timestamp: "1795000000", recipient_id: "447700900123" };
      const { biz_opaque_callback_data } = sent;
      return signed(cloudPayload({ statuses: [{ ...status, biz_opaque_callback_data }] }));
    },
    media: { ref: { id: "300000000000001", mimeType: "image/jpeg" }, bytes: BYTES },
  };
}

export const ACCOUNT = `AC${"a".repeat(32)}`;
export const AUTH_TOKEN = "auth-token-of-the-account";
export const PUBLIC_URL = "https://desk.example.org/webhooks/channels/city";
const MEDIA_ID = `MM${"b".repeat(32)}/ME${"c".repeat(32)}`;

/** A server like Twilio's, which sends on to another host for files. */
export async function startTwilio() {
  const storage = await listen((request, response) => {
    // Storage must never see the token.
    if (request.headers.authorization) response.writeHead(400).end("leaked");
    else file(response);
  });
  const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString("base64")}`;
  const api = await listen((request, response) => {
    if (request.headers.authorization !== authorization) return json(response, 401, { code: 20003 });
    if (request.url === `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`) {
      return json(response, 201, { sid: `SM${"d".repeat(32)}`, status: "queued" });
    }
    if (request.url?.endsWith(`/Messages/${MEDIA_ID.replace("/", "/Media/")}`)) {
      return void response.writeHead(307, { Location: `${storage.url}/object?signature=x` }).end();
    }
    return json(response, 404, { code: 20404 });
  });
  return {
    url: api.url,
    storageHost: new URL(storage.url).host,
    mediaId: MEDIA_ID,
    stop: async () => {
      await api.stop();
      await storage.stop();
    },
  };
}

/** A webhook as Twilio signs it. */
export function twilioRequest(
  form: Record<string, string>,
  url = PUBLIC_URL,
  token = AUTH_TOKEN,
): WebhookRequest {
  const sorted = Object.keys(form).sort();
  const data = url + sorted.map((name) => name + form[name]).join("");
  const signature = createHmac("sha1", token).update(data).digest("base64");
  return {
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      "x-twilio-signature": signature,
    },
    query: Object.fromEntries(new URL(url).searchParams),
    body: Buffer.from(new URLSearchParams(form).toString()),
  };
}

/** What Twilio sends for a text message of a person's. */
export function twilioMessage(text: string): Record<string, string> {
  return {
    SmsMessageSid: `SM${"e".repeat(32)}`,
    NumMedia: "0",
    ProfileName: "Ana Example",
    MessageType: "text",
    SmsSid: `SM${"e".repeat(32)}`,
    WaId: "447700900123",
    SmsStatus: "received",
    Body: text,
    To: "whatsapp:+442079460100",
    NumSegments: "1",
    ReferralNumMedia: "0",
    MessageSid: `SM${"e".repeat(32)}`,
    AccountSid: ACCOUNT,
    From: "whatsapp:+447700900123",
    ApiVersion: "2010-04-01",
  };
}
