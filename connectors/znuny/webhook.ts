import {
  type Clock,
  type HelpdeskEvent,
  parseJson,
  verifyTimedHmac,
  type WebhookRequest,
} from "deskferry/sdk";
import { z } from "zod";
import { change, toEvent } from "./events.ts";
import type { Settings } from "./settings.ts";

/** A text within JSON, so that the add-on can sign what Znuny's transport will write (package/…/Invoker/Deskferry/Change.pm). */
const envelope = z.object({ Payload: z.string() });
const payload = z.object({ Version: z.literal(1), Change: change });

/** The signature covers `<unix seconds>.<body>`; five minutes keep a captured request from being sent again later. */
export function verifyWebhook(request: WebhookRequest, settings: Settings, clock: Clock): boolean {
  const { headers, body } = request;
  const [time, signature] = [headers["x-deskferry-timestamp"], headers["x-deskferry-signature"]];
  const secrets = [settings.webhookSecret ?? []].flat();
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  return verifyTimedHmac(secrets, { time, body, signature, now: clock.now() }, format);
}

export function parseWebhook(request: WebhookRequest, settings: Settings): HelpdeskEvent[] {
  const outer = envelope.safeParse(parseJson(request.body.toString("utf8")));
  if (!outer.success) return [];
  const inner = payload.safeParse(parseJson(outer.data.Payload));
  const event = inner.success ? toEvent(inner.data.Change, settings) : undefined;
  return event ? [event] : [];
}
