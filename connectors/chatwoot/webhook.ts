import { type Clock, type HelpdeskEvent, parseJson, verifyHmac, type WebhookRequest } from "deskferry/sdk";
import { z } from "zod";
import { commentEvent, statusEvent } from "./events.ts";
import { conversationRecord, messageRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

const TOLERANCE_MS = 300_000;

const change = z.object({ status: z.object({ previous_value: z.string().nullish() }).optional() });
const moment = z.union([z.number(), z.string()]).nullish();

const payload = z.discriminatedUnion("event", [
  messageRecord.extend({
    event: z.literal("message_created"),
    inbox: z.object({ id: z.number() }),
    conversation: conversationRecord,
  }),
  conversationRecord.extend({
    event: z.literal("conversation_status_changed"),
    inbox_id: z.number(),
    changed_attributes: z.array(change).nullish(),
    updated_at: moment,
    timestamp: moment,
  }),
]);

/** Hex of the HMAC over `<unix seconds>.<body>`. Versions that do not sign are refused here, and polled. */
export function verifyWebhook(request: WebhookRequest, settings: Settings, clock: Clock): boolean {
  const time = request.headers["x-chatwoot-timestamp"] ?? "";
  if (!/^\d{1,12}$/.test(time)) return false;
  const signed = Buffer.concat([Buffer.from(`${time}.`), request.body]);
  const valid = verifyHmac(
    [settings.webhookSecret ?? []].flat(),
    signed,
    request.headers["x-chatwoot-signature"],
    { algorithm: "sha256", encoding: "hex", prefix: "sha256=" },
  );
  return valid && Math.abs(clock.now() - Number(time) * 1000) <= TOLERANCE_MS;
}

/** Webhooks of an account tell of all its inboxes. */
export function parseWebhook(request: WebhookRequest, settings: Settings): HelpdeskEvent[] {
  const result = payload.safeParse(parseJson(request.body));
  if (!result.success) return [];
  const event = eventOf(result.data, settings);
  return event ? [event] : [];
}

function eventOf(given: z.output<typeof payload>, settings: Settings): HelpdeskEvent | undefined {
  if (given.event === "message_created") {
    return given.inbox.id === settings.inbox ? commentEvent(given, given.conversation, settings) : undefined;
  }
  if (given.inbox_id !== settings.inbox) return undefined;
  const from = given.changed_attributes?.find(({ status }) => status)?.status?.previous_value;
  return statusEvent(given, given.updated_at ?? given.timestamp ?? "", from ?? undefined);
}
