import { type Clock, type HelpdeskEvent, parseJson, verifyHmac, type WebhookRequest } from "deskferry/sdk";
import { z } from "zod";
import { commentEvent, type Origin, statusEvent } from "./events.ts";
import type { Settings } from "./settings.ts";

const TOLERANCE_MS = 300_000;

const filled = z.string().trim().min(1);
const text = z.string().nullish();

/** What the triggers of setup.md post. All of it is text, because placeholders are. */
const head = {
  at: filled,
  actor: filled,
  actor_name: text,
  ticket: filled,
  external_id: filled,
  title: text,
  group: text,
  assignee: text,
};
const payload = z.discriminatedUnion("deskferry", [
  z.object({ ...head, deskferry: z.literal("status"), status: filled }),
  z.object({
    ...head,
    deskferry: z.literal("comment"),
    requester: text,
    comment: filled,
    author: text,
    public: text,
    body: z.string(),
    files: text,
  }),
]);

type Payload = z.output<typeof payload>;

/** Base64 of the HMAC over time and body; five minutes keep a captured request from being sent again later. */
export function verifyWebhook(request: WebhookRequest, settings: Settings, clock: Clock): boolean {
  const time = request.headers["x-zendesk-webhook-signature-timestamp"] ?? "";
  const signed = Buffer.concat([Buffer.from(time), request.body]);
  const valid = verifyHmac(
    [settings.webhookSecret ?? []].flat(),
    signed,
    request.headers["x-zendesk-webhook-signature"],
    { algorithm: "sha256", encoding: "base64" },
  );
  // What is no time makes the difference NaN, which is not within the tolerance.
  return valid && Math.abs(clock.now() - Date.parse(time)) <= TOLERANCE_MS;
}

export function parseWebhook(request: WebhookRequest, settings: Settings): HelpdeskEvent[] {
  const result = payload.safeParse(parseJson(request.body));
  if (!result.success) return [];
  const origin = originOf(result.data, settings);
  const event = origin && eventOf(result.data, origin);
  return event ? [event] : [];
}

function originOf(given: Payload, settings: Settings): Origin | undefined {
  const at = Date.parse(given.at);
  if (Number.isNaN(at)) return undefined;
  return {
    at: new Date(at).toISOString(),
    author: {
      id: given.actor,
      isUs: given.actor === settings.accountId,
      ...(given.actor_name ? { name: given.actor_name } : {}),
    },
    ticket: {
      id: given.ticket,
      externalId: given.external_id,
      ...(given.title ? { subject: given.title } : {}),
      ...(given.group ? { queue: given.group } : {}),
      ...(given.assignee ? { assignee: given.assignee } : {}),
    },
  };
}

function eventOf(given: Payload, origin: Origin): HelpdeskEvent | undefined {
  if (given.deskferry === "status") return statusEvent(origin, given.status);
  // The latest comment may be another's than the one that set off the trigger, a placeholder empty, the author the
  // person. An event now would keep polling, which knows for certain, from bringing it under the same id.
  const isReply = given.author === given.actor && given.actor !== given.requester;
  const isCertain = given.public === "false" || (given.public === "true" && (isReply || origin.author.isUs));
  if (!isCertain) return undefined;
  const isPublic = given.public === "true";
  const files = given.files?.split(/\s+/).filter((address) => address !== "") ?? [];
  return commentEvent(origin, { id: given.comment, isPublic, body: given.body, files });
}
