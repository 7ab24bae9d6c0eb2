import type { ConversationKey } from "../domain/conversation.ts";
import type { HelpdeskEvent } from "../domain/event.ts";
import { asFailure, type Failure } from "../domain/failure.ts";
import { carryOut } from "./carry-out.ts";
import type { Known } from "./collect-facts.ts";
import { decide } from "./decide.ts";
import type { Wanted } from "./plan/facts.ts";
import { problemOf } from "./problem.ts";
import { tellNotSent } from "./tell-staff.ts";
import type { OutboundTools } from "./tools.ts";

export interface Occasion {
  event: HelpdeskEvent;
  known: Known;
  key: ConversationKey;
  /** What else the trace shows: the version of the mapping. */
  about?: Record<string, string>;
}

/** More versions and fallbacks than these are not tried for one event. */
const MOST_TRIES = 8;

/**
 * Decides and carries out. A template that WhatsApp refuses to send for now is left out of the next decision: another
 * version, another language or the mapping's fallback may go out at once.
 */
export async function sendWanted(wanted: Wanted, occasion: Occasion, tools: OutboundTools): Promise<void> {
  let refused: (Error & Failure) | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { event, known, key } = occasion;
    const verdict = await decide(wanted, known, key, tools);
    // The first refusal tells more than that nothing else is left.
    if (refused && verdict.send.length === 0) break;
    try {
      await carryOut({ verdict, about: occasion.about }, event, key, tools);
      return;
    } catch (error) {
      const failure = asFailure(error);
      if (!failure || problemOf(failure).action !== "stop_template") throw error;
      refused ??= failure;
    }
  }
  if (!refused) return;
  await tellNotSent(problemOf(refused).says, occasion.event, occasion.key, tools);
  throw refused;
}
