/** Meta's words in `pricing` of a receipt (whatsapp/webhooks/reference/messages/status, 2026); both spellings occur. */
export const priceCategories = [
  "authentication",
  "authentication_international",
  "marketing",
  "marketing_lite",
  "referral_conversion",
  "service",
  "utility",
] as const;
export const priceTypes = ["regular", "free_customer_service", "free_entry_point"] as const;

/** The price's category and type from closed lists, for labels of metrics; what is not known is `other`. Pure. */
export function priceWords(pricing: Record<string, unknown>): { category: string; type: string } {
  const category = String(pricing["category"]).replaceAll("-", "_");
  return {
    category: priceCategories.find((known) => known === category) ?? "other",
    type: priceTypes.find((known) => known === pricing["type"]) ?? "other",
  };
}
