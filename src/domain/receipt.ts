/** What became of an outbound message, in the order in which it can happen. `failed` stands apart. */
export const receiptStates = ["sent", "delivered", "read", "played", "failed"] as const;
export type ReceiptState = (typeof receiptStates)[number];

export interface ReceiptError {
  code: number;
  title: string;
  details?: string;
}

export interface Receipt {
  /** The provider's id of our message. */
  messageId: string;
  state: ReceiptState;
  /** What we gave along at sending: our intent id. */
  callbackData?: string;
  errors?: ReceiptError[];
  /** The provider's own conversation as sent: where it began (`origin`) and, for a free one, when it ends. */
  conversation?: Record<string, unknown>;
  /** Billing facts as sent by the provider. */
  pricing?: Record<string, unknown>;
}

const rank: Record<ReceiptState, number> = { sent: 1, failed: 2, delivered: 3, read: 4, played: 5 };

/** Position in a message's life; higher wins. */
export function receiptRank(state: ReceiptState): number {
  return rank[state];
}

/**
 * The state after `next` came in. Receipts come late, twice and in any order; they only ever move up.
 * A failure counts unless the message is known to have arrived.
 */
export function advanceReceipt(current: ReceiptState | undefined, next: ReceiptState): ReceiptState {
  return current !== undefined && rank[current] >= rank[next] ? current : next;
}
