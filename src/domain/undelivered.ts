/** How long a message may stay without word that it was delivered. Milliseconds since it was sent. */
export interface DeliveryPatience {
  /** Then staff read that it has not arrived so far; 0: not before it is given up. */
  tellAfterMs: number;
  /** So long WhatsApp tries: 30 days, or what the template's `message_send_ttl_seconds` says. */
  giveUpAfterMs: number;
}

/** WhatsApp's word that it was delivered in the last moment may take a while (whatsapp: templates/time-to-live). */
const BUFFER_MS = 3_600_000;

/** When it is known that a message sent at `sentAt` is not delivered any more. */
export function lostAt(sentAt: number, { giveUpAfterMs }: DeliveryPatience): number {
  return sentAt + giveUpAfterMs + BUFFER_MS;
}

/** When somebody has to look for the first time whether it was delivered. */
export function firstLookAt(sentAt: number, patience: DeliveryPatience): number {
  const { tellAfterMs, giveUpAfterMs } = patience;
  return 0 < tellAfterMs && tellAfterMs < giveUpAfterMs ? sentAt + tellAfterMs : lostAt(sentAt, patience);
}
