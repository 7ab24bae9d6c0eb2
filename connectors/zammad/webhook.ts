import { type Clock, type HelpdeskEvent, parseJson, verifyHmac, type WebhookRequest } from "deskferry/sdk";
import { z } from "zod";
import { commentEvent, externalIdOf, NOBODY, statusEvent } from "./events.ts";
import { articleRecord, type TicketRecord, ticketRecord } from "./records.ts";
import type { Settings } from "./settings.ts";
import { OWN_STATE } from "./tickets.ts";

/** Zammad tries five times within two minutes; the rest is for its queue, and polling finds what comes later still. */
const TOLERANCE_MS = 30 * 60_000;
/** Of the trigger that tells of states. All others tell of articles. */
const STATE_TRIGGER = /^deskferry state\b/i;

/** Zammad's default payload. Without an article it has an empty one. */
const payload = z.object({
  ticket: ticketRecord,
  article: articleRecord.optional().catch(undefined),
});

type Payload = z.output<typeof payload>;

/** The signature is over the body alone, but the body tells when ticket and article changed last. */
export function verifyWebhook({ headers, body }: WebhookRequest, settings: Settings, clock: Clock): boolean {
  const secrets = [settings.webhookSecret ?? []].flat();
  const format = { algorithm: "sha1", encoding: "hex", prefix: "sha1=" } as const;
  if (!verifyHmac(secrets, body, headers["x-hub-signature"], format)) return false;
  const given = payloadOf(body);
  const times = [given?.ticket.updated_at, given?.article?.updated_at, given?.article?.created_at];
  const latest = Math.max(...times.flatMap((time) => (time ? Date.parse(time) : [])));
  // What is no time makes the difference NaN, which is not within the tolerance.
  return Math.abs(clock.now() - latest) <= TOLERANCE_MS;
}

export function parseWebhook({ headers, body }: WebhookRequest, settings: Settings): HelpdeskEvent[] {
  const given = payloadOf(body);
  if (!given || !externalIdOf(given.ticket, settings)) return [];
  const { ticket, article } = given;
  const isOfTicket = article?.ticket_id === ticket.id;
  const comment = article && isOfTicket ? [commentEvent(article, ticket, settings)] : [];
  const isAboutState = STATE_TRIGGER.test(headers["x-zammad-trigger"] ?? "");
  const change = isAboutState ? changeEvent(ticket, settings) : undefined;
  return change ? [...comment, change] : comment;
}

/**
 * The payload shows the ticket as it is when the webhook leaves, and who touched it last. Where that may not be who set
 * the state, there is no event: polling knows for certain, and brings it under the same id.
 */
function changeEvent(ticket: TicketRecord, settings: Settings): HelpdeskEvent | undefined {
  const { state, updated_by_id: author, updated_at: at } = ticket;
  const isCertain = author && author !== settings.account && author !== NOBODY;
  if (!state || !isCertain || ticket.preferences?.[OWN_STATE] === state) return undefined;
  return statusEvent({ at, author: { id: author, isUs: false }, to: state }, ticket, settings);
}

function payloadOf(body: Buffer): Payload | undefined {
  return payload.safeParse(parseJson(body)).data;
}
