import { type Clock, type HelpdeskEvent, parseJson, verifyHmac, type WebhookRequest } from "deskferry/sdk";
import { z } from "zod";
import { toEvent } from "./events.ts";
import type { Settings } from "./settings.ts";

const TOLERANCE_MS = 300_000;

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
  const time = request.headers["x-rt-timestamp"] ?? "";
  if (!/^\d{1,12}$/.test(time)) return false;
  const signed = Buffer.concat([Buffer.from(`${time}.`), request.body]);
  const valid = verifyHmac([settings.webhookSecret ?? []].flat(), signed, request.headers["x-rt-signature"], {
    algorithm: "sha256",
    encoding: "hex",
    prefix: "sha256=",
  });
  return valid && Math.abs(clock.now() - Number(time) * 1000) <= TOLERANCE_MS;
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
