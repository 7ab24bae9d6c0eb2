import { type Receipt, type ReceiptError, type ReceiptUpdated, receiptStates } from "../../sdk/index.ts";
import { asFields, asId, asText, asTime, asWord, type Fields, objectsOf } from "./fields.ts";
import type { Outcome } from "./outcome.ts";
import type { People } from "./people.ts";

/** One item of `statuses`. Failed ones carry no contacts, and none need name the recipient. */
export function parseStatus(status: Fields, people: People): Outcome<ReceiptUpdated> {
  const id = asText(status["id"]);
  if (!id) return { reason: "status without a message id" };
  const kind = asText(status["type"]) ?? "message";
  // Payments and calls have statuses of their own with the same words.
  if (kind !== "message") return { reason: `status of another kind: ${asWord(kind) ?? "unreadable"}` };
  const state = receiptStates.find((known) => known === status["status"]);
  if (!state) return { reason: `unknown status: ${asWord(status["status"]) ?? "unreadable"}`, isNew: true };
  const at = asTime(status["timestamp"]);
  if (!at) return { reason: "status without a readable timestamp" };
  const participant =
    asId(status["recipient_participant_user_id"]) ?? asId(status["recipient_participant_id"]);
  const event: ReceiptUpdated = {
    type: "receipt.updated",
    id: participant ? `${id}/${state}/${participant}` : `${id}/${state}`,
    at,
    person: people.find(recipientOf(status)) ?? {},
    receipt: { messageId: id, state, ...extrasOf(status) },
  };
  return { event };
}

/** In a group `recipient_id` is the group; the person is the participant. */
function recipientOf(status: Fields) {
  const prefix = status["recipient_type"] === "group" ? "recipient_participant" : "recipient";
  return {
    userId: status[`${prefix}_user_id`],
    parentUserId: status[`${prefix}_parent_user_id`],
    phone: status[`${prefix}_id`],
  };
}

function extrasOf(status: Fields): Pick<Receipt, "callbackData" | "errors" | "conversation" | "pricing"> {
  const callbackData = asText(status["biz_opaque_callback_data"]);
  const errors = objectsOf(status["errors"]).map(readError);
  const conversation = asFields(status["conversation"]);
  const pricing = asFields(status["pricing"]);
  return {
    ...(callbackData ? { callbackData } : {}),
    ...(errors.length > 0 ? { errors } : {}),
    ...(conversation ? { conversation } : {}),
    ...(pricing ? { pricing } : {}),
  };
}

/** Stands in for a missing code; Graph has no negative ones. */
const NO_CODE = -1;

function readError(error: Fields): ReceiptError {
  const code = Number(asId(error["code"]) ?? NO_CODE);
  const details = asText(asFields(error["error_data"])?.["details"]);
  return {
    code: Number.isSafeInteger(code) ? code : NO_CODE,
    title: asText(error["title"]) ?? asText(error["message"]) ?? "without a title",
    ...(details ? { details } : {}),
  };
}
