import type { Fields } from "./fields.ts";

/** Fields a webhook can be subscribed to (whatsapp/webhooks/reference, August 2026), beside `messages`. */
const knownFields = new Set([
  "account_alerts",
  "account_review_update",
  "account_settings_update",
  "account_update",
  "automatic_events",
  "business_capability_update",
  // Meta's pages use both spellings.
  "business_username_update",
  "business_username_updates",
  "calls",
  "flows",
  "group_lifecycle_update",
  "group_participants_update",
  "group_settings_update",
  "group_status_update",
  "history",
  "message_template_components_update",
  "message_template_quality_update",
  "message_template_status_update",
  "messaging_handovers",
  "partner_solutions",
  "payment_configuration_update",
  "phone_number_name_update",
  "phone_number_quality_update",
  "security",
  "smb_app_state_sync",
  "smb_message_echoes",
  "standby",
  "template_category_update",
  "template_correct_category_detection",
  "user_preferences",
]);

/** What `messages` can hold beside messages and statuses. */
const knownParts = new Set(["errors", "user_actions"]);

/** Whether Meta says something that it did not when this was written. */
export function isNews(field: string, detail: Fields): boolean {
  if (field === "messages") return Object.keys(detail).some((key) => !knownParts.has(key));
  return !knownFields.has(field);
}
