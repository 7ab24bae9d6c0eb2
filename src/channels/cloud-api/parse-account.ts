import { createHash } from "node:crypto";
import type { AccountUpdated } from "../../sdk/index.ts";
import { asFields, asId, asTime, type Fields } from "./fields.ts";
import { isNews } from "./known-fields.ts";
import type { Outcome } from "./outcome.ts";
import { templateOf } from "./parse-template.ts";

/**
 * Whose change it is: the number where the value names one, else the account. For partner events the entry is the
 * business portfolio and the account stands in the value (whatsapp/webhooks/reference/account_update).
 */
export function accountIdOf(entry: Fields, value: Fields): string | undefined {
  return (
    asId(asFields(value["metadata"])?.["phone_number_id"]) ??
    asId(asFields(value["recipient"])?.["phone_number_id"]) ??
    asId(asFields(value["waba_info"])?.["waba_id"]) ??
    asId(entry["id"])
  );
}

/** Errors of the account, on `messages`, come without any time. */
const UNKNOWN_TIME = new Date(0).toISOString();

/** A change of any field other than `messages`, or what else `messages` holds; `detail` is kept as sent. */
export function parseAccount(
  change: { field: string; entry: Fields; value: Fields },
  detail: Fields,
): Outcome<AccountUpdated> {
  const { field, entry, value } = change;
  const time = entry["time"] ?? value["timestamp"];
  const at = time === undefined ? UNKNOWN_TIME : asTime(time);
  if (!at) return { reason: "entry without a readable time" };
  const type = /^(message_)?template_/.test(field) ? "template.updated" : "account.updated";
  const hash = createHash("sha256").update(JSON.stringify([field, entry["id"], time, value]));
  const isNew = isNews(field, detail) ? { isNew: true as const } : {};
  const template = type === "template.updated" ? templateOf(field, value) : {};
  return { event: { type, id: `${field}/${hash.digest("hex")}`, at, field, ...isNew, ...template, detail } };
}

/**
 * A copy of a message, or of an answer to one, while Meta Business Agent holds the conversation: for reading along, not
 * for answering. The same id may come again on `messages`, hence the prefix (whatsapp/webhooks/reference/standby).
 */
export function parseStandbyCopy(part: string, copy: Fields): Outcome<AccountUpdated> {
  const id = asId(copy["id"]);
  if (!id) return { reason: "standby copy without an id" };
  const at = asTime(copy["timestamp"]);
  if (!at) return { reason: "standby copy without a readable timestamp" };
  const detail = { [part]: copy };
  return { event: { type: "account.updated", id: `standby:${id}`, at, field: "standby", detail } };
}
