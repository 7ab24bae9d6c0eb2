import type { ConversationKey } from "../domain/conversation.ts";
import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** Meta's pair limit: one message to a person in 6 s, of which 45 may be borrowed (whatsapp/about-the-platform). */
const PERSON = { burst: 45, intervalMicros: 6_000_000 };
/** Meta counts what people write in the same limit: a quarter of it is left to them. */
const OUR_SHARE = 0.75;

/** Whose limit a message has to wait for. */
export type PacedBy = "number" | "person";

/** `burst` at once, then one per `intervalMicros` (microseconds). */
export interface Pace {
  burst: number;
  intervalMicros: number;
}

/**
 * The pace at which a number may send, from Meta's limit for in and out together. In no second, wherever it begins, do
 * more go out than our share: the burst, and what comes back in that second.
 */
export function numberPace(messagesPerSecond: number): Pace {
  const share = Math.max(2, Math.floor(messagesPerSecond * OUR_SHARE));
  const burst = Math.max(1, Math.floor(share / 10));
  return { burst, intervalMicros: Math.ceil(1_000_000 / (share - burst)) };
}

/** What may go out now, shared by all workers. Times are milliseconds of the caller's clock. */
export function createPace(redis: Redis) {
  return {
    /** Takes the right to send one message; or takes nothing and says for whose limit to wait, and how long. */
    async take(
      { channel, person }: ConversationKey,
      { messagesPerSecond, now }: { messagesPerSecond: number; now: number },
    ): Promise<{ by: PacedBy; waitMs: number } | undefined> {
      const number = numberPace(messagesPerSecond);
      const [by, waitMs] = (await runScript(redis, "pace", [
        keys.pace(channel),
        keys.personPace(channel, person),
        now,
        number.intervalMicros,
        number.burst,
        PERSON.intervalMicros,
        PERSON.burst,
      ])) as [PacedBy?, number?];
      return by === undefined ? undefined : { by, waitMs: waitMs ?? 0 };
    },
  };
}
