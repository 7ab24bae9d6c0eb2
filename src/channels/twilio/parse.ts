import type { Arrival, ParsedPayload } from "../../sdk/index.ts";
import { asWord } from "../cloud-api/fields.ts";
import { accountOf } from "./address.ts";
import { toForm } from "./form.ts";
import type { Item, Outcome } from "./item.ts";
import { parseMessage } from "./parse-message.ts";
import { parseStatus } from "./parse-status.ts";

/** Twilio sends no time with its webhooks; without an arrival (a recorded body) none is known. */
const UNKNOWN: Arrival = { query: {}, receivedAt: new Date(0).toISOString() };

/**
 * A form of Twilio's: one message, or one status of a message of ours
 * (twilio.com/docs/messaging/guides/webhook-request, March 2026). Pure and total.
 */
export function parse(body: Buffer, arrival: Arrival = UNKNOWN): ParsedPayload {
  const form = toForm(body);
  const status = form.get("MessageStatus") ?? form.get("SmsStatus");
  const isOurs = status !== undefined && status !== "received" && status !== "receiving";
  const accountId = accountOf(form.get(isOurs ? "From" : "To"));
  const outcome = sort({ form, arrival, accountId, status: isOurs ? status : undefined });
  if ("events" in outcome) return { events: outcome.events, quarantined: [] };
  const payload = Object.fromEntries(form);
  return {
    events: [],
    quarantined: [{ reason: outcome.reason, ...(accountId ? { accountId } : {}), payload }],
  };
}

interface Sorting extends Pick<Item, "form" | "arrival"> {
  accountId: string | undefined;
  /** Of a message of ours. */
  status: string | undefined;
}

function sort({ form, arrival, accountId, status }: Sorting): Outcome {
  const id = form.get("MessageSid") ?? form.get("SmsSid");
  if (!id || !/^[A-Z]{2}[0-9a-zA-Z]{1,64}$/.test(id)) return { reason: "neither a message nor a status" };
  if (!accountId) return { reason: "not on a WhatsApp number" };
  const item = { id, form, arrival, accountId };
  if (status !== undefined) return parseStatus(item, status);
  const kind = form.get("EventType");
  if (kind && !form.has("Body")) return { reason: `news of another kind: ${asWord(kind) ?? "unreadable"}` };
  return parseMessage(item);
}
