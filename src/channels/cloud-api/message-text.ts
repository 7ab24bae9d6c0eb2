import { asFields, asId, asText, asWord, type Fields, objectsOf } from "./fields.ts";

/** Readable renderings of what has no text of its own. Each takes the provider's object of its type. */

export function locationText(location: Fields): string {
  const position = `${location["latitude"]}, ${location["longitude"]}`;
  const place = [asText(location["name"]), asText(location["address"])].filter((part) => part !== undefined);
  return place.length === 0 ? `Location: ${position}` : `Location: ${place.join(", ")} (${position})`;
}

/** One line a contact card: name, organisation, phones, addresses. */
export function contactsText(cards: Fields[]): string {
  return cards.map((card) => `Contact: ${cardParts(card).join(", ") || "without details"}`).join("\n");
}

function cardParts(card: Fields): string[] {
  const name = asFields(card["name"]);
  const parts = [
    // The name can be missing since May 2026.
    asText(name?.["formatted_name"]) ?? asText(name?.["first_name"]),
    asText(asFields(card["org"])?.["company"]),
    ...objectsOf(card["phones"]).map((phone) => asId(phone["phone"]) ?? asId(phone["wa_id"])),
    ...objectsOf(card["emails"]).map((email) => asText(email["email"])),
  ];
  return parts.filter((part) => part !== undefined);
}

export function orderText(order: Fields): string {
  const lines = objectsOf(order["product_items"]).map((item) => {
    const price = [asId(item["item_price"]) ?? number(item["item_price"]), asText(item["currency"])];
    const each = price.filter((part) => part !== undefined).join(" ");
    const what = `${asId(item["quantity"]) ?? "?"} × ${asId(item["product_retailer_id"]) ?? "?"}`;
    return each === "" ? what : `${what} at ${each}`;
  });
  const note = asText(order["text"]);
  return ["Order:", ...lines, ...(note ? [note] : [])].join("\n");
}

function number(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : undefined;
}

/**
 * A form's answers by name. `response_json` is a text that need not hold an object (Meta, flows): undefined then, and
 * when nothing was filled in. `flow_token` is the sender's own.
 */
export function formAnswers(reply: Fields): Fields | undefined {
  const { flow_token: _token, ...answers } = asFields(parseAnswers(reply["response_json"])) ?? {};
  return Object.keys(answers).length > 0 ? answers : undefined;
}

/** A form's answers, one a line; what is nested deeper than a list of plain values is left to the answers themselves. */
export function formText(reply: Fields): string {
  const lines = Object.entries(formAnswers(reply) ?? {}).map(([key, value]) => `${key}: ${plain(value)}`);
  if (lines.length > 0) return lines.join("\n");
  return asText(reply["body"]) ?? asText(reply["response_json"]) ?? "[Form]";
}

function parseAnswers(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => (isPlain(item) ? String(item) : "…")).join(", ");
  return isPlain(value) ? String(value) : "…";
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

export function callPermissionText(reply: Fields): string {
  return `Permission to call: ${asWord(reply["response"]) ?? "unknown"}`;
}

export function reactionText(reaction: Fields): string {
  // A removed reaction comes with an empty emoji or without the key.
  const emoji = asText(reaction["emoji"]);
  return emoji ? `Reacted with ${emoji}` : "[Reaction removed]";
}

// A Map, because a type named like a property of every object ("constructor") must find nothing.
const systemTexts = new Map([
  ["user_changed_number", "[Changed phone number]"],
  ["customer_changed_number", "[Changed phone number]"],
  ["user_changed_user_id", "[Changed WhatsApp user id]"],
  ["customer_identity_changed", "[Changed device or reinstalled WhatsApp]"],
]);

export function systemText(system: Fields): string {
  return asText(system["body"]) ?? systemTexts.get(asWord(system["type"]) ?? "") ?? "[Notice from WhatsApp]";
}

/** Names the kind that cannot be shown, e.g. `poll_creation`, or else the reason that WhatsApp gives. */
export function unsupportedText(message: Fields): string {
  const type = asWord(message["type"]);
  const kind =
    asWord(asFields(message["unsupported"])?.["type"]) ??
    (type === "unsupported" ? asText(objectsOf(message["errors"])[0]?.["title"]) : type);
  return kind ? `[Unsupported message: ${kind}]` : "[Unsupported message]";
}
