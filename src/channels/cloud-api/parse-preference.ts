import { createHash } from "node:crypto";
import type { AccountUpdated, ConsentChanged } from "../../sdk/index.ts";
import { asText, asTime, type Fields } from "./fields.ts";
import type { Outcome } from "./outcome.ts";
import type { People } from "./people.ts";

const FIELD = "user_preferences";
/** What a person can choose for marketing messages; `signup` is `resume` by way of an offer (whatsapp/webhooks/reference/user_preferences). */
const stateOf: Readonly<Record<string, ConsentChanged["state"]>> = {
  stop: "stop",
  resume: "start",
  signup: "start",
};

/** What one person chose in WhatsApp. A choice that did not exist when this was written is kept, and counted as new. */
export function parsePreference(item: Fields, people: People): Outcome<ConsentChanged | AccountUpdated> {
  const at = asTime(item["timestamp"]);
  if (!at) return { reason: "preference without a readable timestamp" };
  const id = `${FIELD}/${createHash("sha256").update(JSON.stringify(item)).digest("hex")}`;
  const value = asText(item["value"]) ?? "";
  const state = Object.hasOwn(stateOf, value) ? stateOf[value] : undefined;
  if (item["category"] !== "marketing_messages" || !state) {
    return { event: { type: "account.updated", id, at, field: FIELD, isNew: true, detail: item } };
  }
  const person = people.find({
    userId: item["user_id"],
    parentUserId: item["parent_user_id"],
    phone: item["wa_id"],
  });
  if (!person) return { reason: "preference of nobody" };
  return { event: { type: "consent.changed", id, at, person, scope: "marketing", state, detail: item } };
}
