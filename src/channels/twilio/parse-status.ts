import type { Receipt, ReceiptUpdated } from "../../sdk/index.ts";
import { asText, asWord } from "../cloud-api/fields.ts";
import { personOf } from "./address.ts";
import { callbackDataOf } from "./callback-address.ts";
import { problemOf } from "./errors.ts";
import type { Item, Outcome } from "./item.ts";

/** Twilio's words (twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks). */
const states = new Map<string, Receipt["state"]>([
  ["sent", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["failed", "failed"],
  ["undelivered", "failed"],
  ["canceled", "failed"],
]);

/** On the way within Twilio: no news for anybody. */
const underWay = new Set(["accepted", "scheduled", "queued", "sending"]);

export function parseStatus({ id, form, arrival, accountId }: Item, status: string): Outcome {
  if (underWay.has(status)) return { events: [] };
  const state = states.get(status);
  if (!state) return { reason: `unknown status: ${asWord(status) ?? "unreadable"}` };
  const callbackData = callbackDataOf(arrival.query);
  const event: ReceiptUpdated = {
    type: "receipt.updated",
    id: `${id}/${state}`,
    at: arrival.receivedAt,
    person: personOf(form, "To") ?? {},
    receipt: {
      messageId: id,
      state,
      ...(callbackData ? { callbackData } : {}),
      ...errorsOf(form),
    },
  };
  return { events: [{ ...event, accountId }] };
}

function errorsOf(form: ReadonlyMap<string, string>): Pick<Receipt, "errors"> {
  const code = Number(form.get("ErrorCode") || Number.NaN);
  if (!Number.isSafeInteger(code)) return {};
  const details = asText(form.get("ErrorMessage")) ?? asText(form.get("ChannelStatusMessage"));
  return { errors: [{ code, title: problemOf(code).says, ...(details ? { details } : {}) }] };
}
