import {
  type Clock,
  type HelpdeskEvent,
  parseJson,
  verifyTimedHmac,
  type WebhookRequest,
} from "deskferry/sdk";
import { z } from "zod";
import { change, toEvent } from "./changes.ts";
import type { Settings } from "./settings.ts";

/** Several changes may come in one webhook. One that is not understood must not cost the others. */
const batchOf = z.object({ changes: z.array(z.unknown()) });

/** Over the bytes as they came, never over JSON that was written anew. Older than five minutes they are replays. */
export function verifyWebhook({ headers, body }: WebhookRequest, config: Settings, clock: Clock): boolean {
  const [time, signature] = [headers["x-acme-time"], headers["x-acme-signature"]];
  const secrets = config.webhookSecret ? [config.webhookSecret] : [];
  const format = { algorithm: "sha256", encoding: "hex" } as const;
  return verifyTimedHmac(secrets, { time, body, signature, now: clock.now() }, format);
}

/** What is not understood brings no event and no error: servers learn new kinds of webhooks. */
export function parseWebhook({ body }: WebhookRequest, config: Settings): HelpdeskEvent[] {
  const batch = batchOf.safeParse(parseJson(body));
  return (batch.success ? batch.data.changes : []).flatMap((each) => {
    const parsed = change.safeParse(each);
    return parsed.success ? [toEvent(parsed.data, config.account)] : [];
  });
}
