import { type Clock, type HelpdeskEvent, parseJson, verifyHmac, type WebhookRequest } from "deskferry/sdk";
import { z } from "zod";
import { commentEvent, momentOf, statusEvents } from "./events.ts";
import { changeItem, commentRecord, id, issueRecord, userRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

/** Jira tries five times more, 5 to 15 minutes apart, with the time of the change. Later ones are found by polling. */
const OLDEST_MS = 55 * 60_000;
const AHEAD_MS = 5 * 60_000;

const signed = z.object({ timestamp: z.number() });

const payload = z.discriminatedUnion("webhookEvent", [
  z.object({ webhookEvent: z.literal("comment_created"), comment: commentRecord, issue: issueRecord }),
  z.object({
    webhookEvent: z.literal("jira:issue_updated"),
    timestamp: z.number(),
    user: userRecord.nullish(),
    issue: issueRecord,
    changelog: z.object({ id, items: z.array(changeItem) }),
  }),
]);

/** Hex of the HMAC over the body, in which the time stands too. */
export function verifyWebhook(request: WebhookRequest, settings: Settings, clock: Clock): boolean {
  const secrets = [settings.webhookSecret ?? []].flat();
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  if (!verifyHmac(secrets, request.body, request.headers["x-hub-signature"], format)) return false;
  const { data } = signed.safeParse(parseJson(request.body));
  const age = clock.now() - (data?.timestamp ?? 0);
  return age <= OLDEST_MS && age >= -AHEAD_MS;
}

export function parseWebhook(request: WebhookRequest, settings: Settings): HelpdeskEvent[] {
  const { data } = payload.safeParse(parseJson(request.body));
  if (!data) return [];
  if (data.webhookEvent === "comment_created") {
    // An event now would keep polling, which knows for certain, from bringing it under the same id.
    const isCertain = typeof data.comment.jsdPublic === "boolean";
    return isCertain ? commentEvent(data.comment, data.issue, settings) : [];
  }
  const at = momentOf(data.timestamp);
  if (at === undefined) return [];
  const { changelog, user, issue } = data;
  return statusEvents({ id: changelog.id, at, author: user, items: changelog.items }, issue, settings);
}
