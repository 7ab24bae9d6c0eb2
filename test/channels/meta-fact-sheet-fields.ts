import { each, type Row, under } from "./meta-fact-sheet.ts";

const template = "message_template_id message_template_name message_template_language";
const statusEvents =
  "APPROVED ARCHIVED UNARCHIVED DELETED DISABLED FLAGGED IN_APPEAL LIMIT_EXCEEDED LOCKED PAUSED PENDING " +
  "PENDING_DELETION REINSTATED REJECTED";
const reasons =
  "NONE ABUSIVE_CONTENT CATEGORY_NOT_AVAILABLE INCORRECT_CATEGORY INVALID_FORMAT PROMOTIONAL SCAM " +
  "TAG_CONTENT_MISMATCH null";
const accountEvents =
  "ACCOUNT_DELETED ACCOUNT_VIOLATION ACCOUNT_RESTRICTION DISABLED_UPDATE ACCOUNT_OFFBOARDED ACCOUNT_RECONNECTED " +
  "AD_ACCOUNT_LINKED AUTH_INTL_PRICE_ELIGIBILITY_UPDATE BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE " +
  "MM_LITE_TERMS_SIGNED PARTNER_ADDED PARTNER_REMOVED PARTNER_APP_INSTALLED PARTNER_APP_UNINSTALLED " +
  "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE VOLUME_BASED_PRICING_TIER_UPDATE";

function field(name: string, ...places: string[]): Row {
  return { row: name, places: places.map((place) => `${name}.${place}`) };
}

/** Fields beside `messages`, and what their values hold. */
export const otherFields: Row[] = [
  field(
    "message_template_status_update",
    ...template.split(" "),
    ...each("event", statusEvents),
    ...each("reason", reasons),
    ...["message_template_category", "disable_info.disable_date", "other_info.description"],
    ...each("other_info.title", "FIRST_PAUSE SECOND_PAUSE RATE_LIMITING_PAUSE UNPAUSE DISABLED"),
    ...["rejection_info.reason", "rejection_info.recommendation"],
  ),
  field(
    "message_template_quality_update",
    ...template.split(" "),
    ...each("previous_quality_score", "GREEN YELLOW RED UNKNOWN"),
    ...each("new_quality_score", "GREEN YELLOW RED UNKNOWN"),
  ),
  field(
    "message_template_components_update",
    ...template.split(" "),
    ...["message_template_element", "message_template_title", "message_template_footer"],
    "message_template_buttons[]",
  ),
  field(
    "template_category_update",
    ...["correct_category", "new_category", "category_update_timestamp", "previous_category"],
  ),
  field("template_correct_category_detection", "category", "correct_category", ...template.split(" ")),
  field(
    "phone_number_quality_update",
    ...["display_phone_number", "max_daily_conversations_per_business", "current_limit", "old_limit"],
    ...each("event", "ONBOARDING THROUGHPUT_UPGRADE UPGRADE DOWNGRADE FLAGGED UNFLAGGED"),
  ),
  field(
    "phone_number_name_update",
    ...["display_phone_number", "decision", "requested_verified_name", "rejection_reason"],
  ),
  field(
    "account_update",
    ...each("event", accountEvents),
    ...["violation_info", "restriction_info[].restriction_type", "restriction_info[].expiration"],
    ...["ban_info.waba_ban_state", "ban_info.waba_ban_date", "volume_tier_info", "waba_info.waba_id"],
  ),
  field("account_review_update", ...each("decision", "APPROVED REJECTED PENDING DEFERRED")),
  field("account_alerts", "entity_type", "entity_id", "alert_info"),
  field("account_settings_update", "phone_number_settings"),
  field(
    "business_capability_update",
    ...["max_daily_conversations_per_business=TIER_UNLIMITED", "max_daily_conversations_per_business=1000"],
    ...["max_phone_numbers_per_business", "max_phone_numbers_per_waba"],
  ),
  field(
    "security",
    ...["display_phone_number", "requester"],
    ...each("event", "PIN_CHANGED PIN_RESET_REQUEST PIN_REQUEST_SUCCESS"),
  ),
  field(
    "user_preferences",
    ...["contacts[]", "user_preferences[].wa_id", "user_preferences[].user_id", "user_preferences[].detail"],
    ...["user_preferences[].category=marketing_messages", "user_preferences[].signup_id"],
    ...each("user_preferences[].value", "stop resume signup"),
  ),
  field(
    "history",
    ...each("history[].metadata.phase", "0 1 2"),
    ...["history[].metadata.chunk_order", "history[].metadata.progress", "history[].threads[].id"],
    ...["history[].threads[].messages[text].history_context.status", "history[].errors[].code"],
    "messages[image].image.id",
  ),
  field(
    "smb_message_echoes",
    ...under("message_echoes[text]", "from to id timestamp text.body"),
    ...["message_echoes[edit].edit", "message_echoes[revoke].revoke"],
  ),
  field(
    "smb_app_state_sync",
    ...["state_sync[].type=contact", "state_sync[].metadata.timestamp"],
    ...under("state_sync[].contact", "full_name first_name phone_number"),
    ...each("state_sync[].action", "add remove"),
  ),
  field(
    "calls",
    ...under(
      "calls[]",
      "id from to direction session.sdp_type session.sdp status start_time end_time duration",
    ),
    ...each("calls[].event", "connect terminate"),
    ...["statuses[].type=call", ...each("statuses[].status", "RINGING ACCEPTED REJECTED")],
  ),
  ...["lifecycle", "participants", "settings", "status"].map((what) =>
    field(`group_${what}_update`, ...under("groups[]", "timestamp group_id type")),
  ),
  field("flows", "event"),
  field("automatic_events", "automatic_events[]"),
  field("partner_solutions", "event", "solution_id"),
  field("payment_configuration_update", "configuration_name", "status"),
  field("business_username_update", "display_phone_number", ...each("status", "approved reserved deleted")),
  field("business_username_updates", "username", "!username"),
  field(
    "standby",
    ...["standby.contacts[]", "standby.messages[text]", "standby.statuses[].status"],
    ...under("standby.message_echoes[]", "id timestamp message"),
  ),
  field(
    "messaging_handovers",
    ...each("type", "control_passed control_taken"),
    ...["sender.phone_number", "recipient.phone_number_id", "timestamp", "control_taken"],
    ...under("control_passed", "previous_owner_app_id metadata conversation_context"),
    ...each("control_passed.new_owner_role", "ai_agent escalation customer_service marketing utility ctwa"),
  ),
  field("telepathy_update", "thought"),
];
