import {
  type Clock,
  type HelpdeskEvent,
  parseJson,
  verifyTimedHmac,
  type WebhookRequest,
} from "deskferry/sdk";
import { z } from "zod";
import { toEvent } from "./events.ts";
import type { Settings } from "./settings.ts";

const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

/** What the scrip of initialdata posts. */
const payload = z.object({
  version: z.literal(1),
  transaction: z.object({
    id: z.string(),
    type: z.string(),
    old: optionalText,
    new: optionalText,
    created: z.string(),
    creator: z.string(),
    creatorName: optionalText,
    privileged: z.boolean(),
    contentType: optionalText,
    content: optionalText,
    attachments: z.array(z.object({ id: z.string(), name: z.string() })),
  }),
  ticket: z.object({
    id: z.string(),
    externalId: z.string(),
    status: z.string(),
    subject: optionalText,
    queue: optionalText,
    owner: optionalText,
  }),
});

/** The signature covers `<unix seconds>.<body>`; five minutes keep a captured request from being sent again later. */
export function verifyWebhook(request: WebhookRequest, settings: Settings, clock: Clock): boolean {
  const { headers, body } = request;
  const [time, signature] = [headers["x-rt-timestamp"], headers["x-rt-signature"]];
  const secrets = [settings.webhookSecret ?? []].flat();
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  return verifyTimedHmac(secrets, { time, body, signature, now: clock.now() }, format);
}

export function parseWebhook(request: WebhookRequest, settings: Settings): HelpdeskEvent[] {
  const result = payload.safeParse(parseJson(request.body));
  if (!result.success) return [];
  const { transaction, ticket } = result.data;
  const { creator, creatorName, privileged, contentType, content, ...rest } = transaction;
  const event = toEvent(
    {
      ...rest,
      creator: { name: creator, realName: creatorName, privileged },
      text: contentType && content !== undefined ? { type: contentType, content } : undefined,
      ticket,
    },
    settings,
  );
  return event ? [event] : [];
}
