import { type Clock, type HelpdeskEvent, parseJson, verifyHmac, type WebhookRequest } from "deskferry/sdk";
import { z } from "zod";
import { change, toEvent } from "./changes.ts";
import type { Settings } from "./settings.ts";

/** Several changes may come in one webhook. One that is not understood must not cost the others. */
const batchOf = z.object({ changes: z.array(z.unknown()) });

/** Older signatures are replays; clocks may differ by as much. */
const MAX_AGE_MS = 5 * 60 * 1000;

/** Over the bytes as they came, never over JSON that was written anew. */
export function verifyWebhook({ headers, body }: WebhookRequest, config: Settings, clock: Clock): boolean {
  const time = headers["x-acme-time"] ?? "";
  if (!config.webhookSecret || !/^\d{10}$/.test(time)) return false;
  const signed = Buffer.concat([Buffer.from(`${time}.`), body]);
  const format = { algorithm: "sha256", encoding: "hex" } as const;
  const isOurs = verifyHmac([config.webhookSecret], signed, headers["x-acme-signature"], format);
  return isOurs && Math.abs(clock.now() - Number(time) * 1000) <= MAX_AGE_MS;
}

/** What is not understood brings no event and no error: servers learn new kinds of webhooks. */
export function parseWebhook({ body }: WebhookRequest, config: Settings): HelpdeskEvent[] {
  const batch = batchOf.safeParse(parseJson(body));
  return (batch.success ? batch.data.changes : []).flatMap((each) => {
    const parsed = change.safeParse(each);
    return parsed.success ? [toEvent(parsed.data, config.account)] : [];
  });
}
