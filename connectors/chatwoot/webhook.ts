import {
  type Clock,
  type HelpdeskEvent,
  parseJson,
  verifyTimedHmac,
  type WebhookRequest,
} from "deskferry/sdk";
import { z } from "zod";
import { commentEvent, statusEvent } from "./events.ts";
import { conversationRecord, messageRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

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
  const { headers, body } = request;
  const [time, signature] = [headers["x-chatwoot-timestamp"], headers["x-chatwoot-signature"]];
  const secrets = [settings.webhookSecret ?? []].flat();
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  return verifyTimedHmac(secrets, { time, body, signature, now: clock.now() }, format);
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
