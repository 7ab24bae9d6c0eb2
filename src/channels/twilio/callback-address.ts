import type { WebhookRequest } from "../../sdk/index.ts";

const PARAMETER = "intent";

/** Longest address that Twilio takes (error 21609). */
const MAX_ADDRESS = 4000;

/**
 * Twilio carries no data of ours from a send to its receipts, but it calls the receipts' address as it is given, and
 * signs it with its query: our callback data travels there (twilio.com/docs/usage/webhooks/webhooks-security and
 * /docs/api/errors/21609). Undefined when it would be too long.
 */
export function callbackAddress(publicUrl: string, callbackData: string): string | undefined {
  const address = `${publicUrl}?${PARAMETER}=${encodeURIComponent(callbackData)}`;
  return address.length <= MAX_ADDRESS ? address : undefined;
}

export function callbackDataOf(query: WebhookRequest["query"]): string | undefined {
  return query[PARAMETER] || undefined;
}

/** The address that was called, as Twilio knows it; undefined when no address of ours has such a query. */
export function calledAddress(publicUrl: string, query: WebhookRequest["query"]): string | undefined {
  const names = Object.keys(query);
  if (names.length === 0) return publicUrl;
  const callbackData = callbackDataOf(query);
  return names.length === 1 && callbackData !== undefined
    ? callbackAddress(publicUrl, callbackData)
    : undefined;
}
