import type { WebhookRequest } from "./webhook-request.ts";

/** What a webhook tells beside its body. Absent where a recorded body is looked at by itself. */
export interface Arrival {
  query: WebhookRequest["query"];
  /** ISO 8601, our clock: for providers that send no time. */
  receivedAt: string;
}

/** The answer to an accepted webhook, for providers that read it. */
export interface Acknowledgement {
  contentType: string;
  body: string;
}
