import { expect, test } from "vitest";
import {
  callPermissionText,
  contactsText,
  locationText,
  orderText,
  reactionText,
  systemText,
  unsupportedText,
} from "../../src/channels/cloud-api/message-text.ts";

const ALL_OF_A_CARD = {
  name: { formatted_name: "Ada Example", first_name: "Ada" },
  org: { company: "City" },
  phones: [{ phone: "+44 1", wa_id: "441" }, { wa_id: 442 }, {}],
  emails: [{ email: "ada@example.org" }, { email: "" }],
};

test.each<[string, (given: never) => string, unknown, string]>([
  ["a place without a name", locationText, { latitude: 1.5, longitude: -2 }, "Location: 1.5, -2"],
  ["a place with a name", locationText, { latitude: 1, longitude: 2, name: "Hall" }, "Location: Hall (1, 2)"],
  [
    "a place with an address",
    locationText,
    { latitude: 1, longitude: 2, address: "A" },
    "Location: A (1, 2)",
  ],
  [
    "a card with everything",
    contactsText,
    [ALL_OF_A_CARD],
    "Contact: Ada Example, City, +44 1, 442, ada@example.org",
  ],
  ["a card with a first name", contactsText, [{ name: { first_name: "Ada" } }], "Contact: Ada"],
  ["a card without a name", contactsText, [{ org: { company: "City" } }], "Contact: City"],
  ["two cards", contactsText, [{}, { name: { first_name: "B" } }], "Contact: without details\nContact: B"],
  [
    "an order with a note",
    orderText,
    {
      product_items: [
        { quantity: 2, product_retailer_id: "tea", item_price: 1.5, currency: "EUR" },
        { quantity: "1", product_retailer_id: 7, item_price: "3" },
        { currency: "EUR" },
        {},
      ],
      text: "Soon please",
    },
    "Order:\n2 × tea at 1.5 EUR\n1 × 7 at 3\n? × ? at EUR\n? × ?\nSoon please",
  ],
  ["a permission", callPermissionText, { response: "accept" }, "Permission to call: accept"],
  ["an odd permission", callPermissionText, { response: "yes, call +44" }, "Permission to call: unknown"],
  ["a reaction", reactionText, { emoji: "🙏" }, "Reacted with 🙏"],
  ["a reaction taken back", reactionText, { emoji: "" }, "[Reaction removed]"],
  ["a notice with a text", systemText, { body: "Ada changed", type: "user_changed_number" }, "Ada changed"],
  ["a changed number", systemText, { type: "user_changed_number" }, "[Changed phone number]"],
  ["a customer's changed number", systemText, { type: "customer_changed_number" }, "[Changed phone number]"],
  ["a changed id", systemText, { type: "user_changed_user_id" }, "[Changed WhatsApp user id]"],
  [
    "a changed device",
    systemText,
    { type: "customer_identity_changed" },
    "[Changed device or reinstalled WhatsApp]",
  ],
  ["another notice", systemText, { type: "toString" }, "[Notice from WhatsApp]"],
  ["a notice without a type", systemText, {}, "[Notice from WhatsApp]"],
  [
    "a kind that WhatsApp names",
    unsupportedText,
    { type: "unsupported", unsupported: { type: "poll_creation" } },
    "[Unsupported message: poll_creation]",
  ],
  [
    "a reason that WhatsApp gives",
    unsupportedText,
    { type: "unsupported", errors: [{ title: "Too new" }, { title: "Other" }] },
    "[Unsupported message: Too new]",
  ],
  ["no reason", unsupportedText, { type: "unsupported" }, "[Unsupported message]"],
  [
    "a new type, whatever the errors",
    unsupportedText,
    { type: "hologram", errors: [{ title: "x" }] },
    "[Unsupported message: hologram]",
  ],
  ["a type that is no word", unsupportedText, { type: "call +44 1" }, "[Unsupported message]"],
])("%s is shown in words", (_name, show, given, text) => {
  expect(show(given as never)).toBe(text);
});
