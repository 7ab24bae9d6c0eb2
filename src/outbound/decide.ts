import type { ConversationKey } from "../domain/conversation.ts";
import { asFailure, RetryLater } from "../domain/failure.ts";
import { collectFacts, type Known } from "./collect-facts.ts";
import type { Facts, Verdict, Wanted } from "./plan/facts.ts";
import { plan } from "./plan/plan.ts";
import { CHANGED_PAUSE_MS, pauseOf, refreshTemplates } from "./refresh-templates.ts";
import type { OutboundTools } from "./tools.ts";

/**
 * Collects the facts and has the planner decide on them. Nothing is refused for what a stored copy of the account's
 * templates says until the account was asked anew; where it cannot be asked, WhatsApp decides.
 */
export async function decide(
  wanted: Wanted,
  known: Known,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<Verdict> {
  const facts = await collectFacts(wanted, known, key, tools);
  const verdict = plan(wanted, facts);
  if (!("byAccount" in verdict) || (await isCurrent(FRESH_MS, key.channel, tools))) return verdict;
  return plan(wanted, await renewed(wanted, facts, { known, key }, tools));
}

/** Nobody is refused on an older word: a template may have been approved meanwhile. */
const FRESH_MS = 10_000;

/** Whether the copy is younger than this, and nothing has changed since. */
async function isCurrent(ms: number, channel: string, { store, clock }: OutboundTools): Promise<boolean> {
  const state = await store.templates.state(channel);
  return state !== undefined && !state.isStale && clock.now() - state.at < ms;
}

async function renewed(
  wanted: Wanted,
  facts: Facts,
  { known, key }: { known: Known; key: ConversationKey },
  tools: OutboundTools,
): Promise<Facts> {
  try {
    await refreshTemplates(key.channel, tools);
  } catch (error) {
    if (!asFailure(error)) throw error;
    return { ...facts, templates: undefined };
  }
  // Somebody else may have asked a moment ago, or be asking now.
  const state = await tools.store.templates.state(key.channel);
  if (state?.isStale)
    throw new RetryLater("the account was asked for its templates just now", CHANGED_PAUSE_MS);
  const isRecent = await isCurrent(pauseOf(state?.count ?? 0), key.channel, tools);
  return isRecent ? collectFacts(wanted, known, key, tools) : { ...facts, templates: undefined };
}
