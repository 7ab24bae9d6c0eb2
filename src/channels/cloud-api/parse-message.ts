import { type MessageReceived, type Person, toE164 } from "../../sdk/index.ts";
import { asFields, asId, asText, asTime, type Fields, objectsOf, tidyText } from "./fields.ts";
import type { Outcome } from "./outcome.ts";
import { contentOf } from "./parse-content.ts";
import { type People, personBy } from "./people.ts";

/** One item of `messages`. */
export function parseMessage(message: Fields, people: People): Outcome<MessageReceived> {
  const id = asText(message["id"]);
  if (!id) return { reason: "message without an id" };
  const sentAt = asTime(message["timestamp"]);
  if (!sentAt) return { reason: "message without a readable timestamp" };
  const who = sendersOf(message, people);
  if (!who) return { reason: "message without a sender" };
  const { text, ...content } = contentOf(message);
  const event: MessageReceived = {
    type: "message.received",
    id,
    at: sentAt,
    ...who,
    // Tidied again: a form's answers come as JSON within a text, whose escapes are only now resolved.
    message: { id, sentAt, text: tidyText(text), ...content, ...contextOf(message, content.refersTo) },
  };
  return { event };
}

type Senders = Pick<MessageReceived, "person" | "formerly">;

function sendersOf(message: Fields, people: People): Senders | undefined {
  const sender = people.find({
    userId: message["from_user_id"],
    parentUserId: message["from_parent_user_id"],
    phone: message["from"],
  });
  const system = message["type"] === "system" ? asFields(message["system"]) : undefined;
  if (system) return senderOfNotice(system, sender);
  const phone = sender?.phone ?? phoneOnRequest(message);
  return sender && { person: { ...sender, ...(phone ? { phone } : {}) } };
}

/**
 * The number that the person gave because we asked; any other card may be somebody else's. The origin stood on the
 * message in February 2026 and stands on the card since May (Meta, business-scoped user ids).
 */
function phoneOnRequest(message: Fields): string | undefined {
  const cards = objectsOf(message["contacts"]);
  const [card] = cards;
  if (message["type"] !== "contacts" || !card || cards.length > 1) return undefined;
  if ((card["origin"] ?? message["origin"]) !== "contact_request") return undefined;
  const phone = objectsOf(card["phones"])[0];
  return toE164(asId(phone?.["wa_id"]) ?? asId(phone?.["phone"]) ?? "");
}

/**
 * A notice tells the new ids of a person; the old ones stand in `previous_*` and, for the phone, in `from` or
 * `customer`. It has no contacts and need not have a `from` (Meta, system messages, May and August 2026).
 */
function senderOfNotice(system: Fields, sender: Person | undefined): Senders | undefined {
  const now = personBy({
    userId: system["user_id"],
    parentUserId: system["parent_user_id"],
    phone: system["wa_id"] ?? system["new_wa_id"],
  });
  const previous = personBy({
    userId: system["previous_user_id"],
    parentUserId: system["previous_parent_user_id"],
    phone: system["customer"],
  });
  if (!now) {
    const known = sender ?? previous;
    return known && { person: known };
  }
  // The sender's user id may already be the new one.
  const { userId, ...others } = sender ?? {};
  const old = { ...others, ...(userId && userId !== now.userId ? { userId } : {}), ...previous };
  if (isSame(old, now)) return { person: { ...sender, ...now } };
  return { person: now, formerly: old };
}

/** True when nothing in `old` differs from `now`, so that nothing has changed. */
function isSame(old: Person, now: Person): boolean {
  return (!old.userId || old.userId === now.userId) && (!old.phone || old.phone === now.phone);
}

type Context = Partial<
  Pick<
    MessageReceived["message"],
    "refersTo" | "forwarded" | "frequentlyForwarded" | "groupId" | "referral" | "product"
  >
>;

function contextOf(message: Fields, refersTo: string | undefined): Context {
  const context = asFields(message["context"]);
  const quoted = refersTo ?? asId(context?.["id"]);
  const groupId = asId(message["group_id"]);
  const referral = asFields(message["referral"]);
  const product = asFields(context?.["referred_product"]);
  const frequentlyForwarded = context?.["frequently_forwarded"] === true;
  const forwarded = frequentlyForwarded || context?.["forwarded"] === true;
  return {
    ...(quoted ? { refersTo: quoted } : {}),
    ...(forwarded ? { forwarded } : {}),
    ...(frequentlyForwarded ? { frequentlyForwarded } : {}),
    ...(groupId ? { groupId } : {}),
    ...(referral ? { referral } : {}),
    ...(product ? { product } : {}),
  };
}
