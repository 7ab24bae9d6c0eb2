/** A request as it came in; `body` holds the raw bytes, for signatures. */
export interface WebhookRequest {
  /** Lower-case names; repeated headers joined by ", ". */
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  body: Buffer;
}
