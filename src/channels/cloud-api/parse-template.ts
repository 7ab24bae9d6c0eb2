import type { TemplateUpdate } from "../../sdk/index.ts";
import { asFields, asText, type Fields } from "./fields.ts";

/** Words of a status update that say how a template stands from now on, as `status` of the account's list says it. */
const standing: Readonly<Record<string, string>> = {
  APPROVED: "APPROVED",
  REINSTATED: "APPROVED",
  ARCHIVED: "ARCHIVED",
  DELETED: "DELETED",
  DISABLED: "DISABLED",
  LIMIT_EXCEEDED: "LIMIT_EXCEEDED",
  LOCKED: "LOCKED",
  PAUSED: "PAUSED",
  PENDING: "PENDING",
  REJECTED: "REJECTED",
};

/**
 * The template that an update is about. A status stands in it only where the words leave no doubt: a flagged template
 * can still be sent, and what one is after an appeal or out of the archive, the account has to be asked
 * (whatsapp/webhooks/reference/message_template_status_update).
 */
export function templateOf(field: string, value: Fields): { template?: TemplateUpdate } {
  const name = asText(value["message_template_name"]);
  const language = asText(value["message_template_language"]);
  if (!name || !language) return {};
  const status = field === "message_template_status_update" ? statusOf(value) : undefined;
  return { template: { name, language, ...(status ? { status } : {}) } };
}

function statusOf(value: Fields): string | undefined {
  if (asText(asFields(value["other_info"])?.["title"]) === "UNPAUSE") return "APPROVED";
  const word = asText(value["event"]) ?? "";
  return Object.hasOwn(standing, word) ? standing[word] : undefined;
}
