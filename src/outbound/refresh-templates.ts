import type { Channel } from "../sdk/channel.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Store } from "../store/store.ts";

/** Templates that one answer of the account holds. */
const PAGE_SIZE = 100;
/** Meta allows 200 requests an hour to an account of no registered number; half of it is left to others. */
const REQUEST_MS = 36_000;
/** After news of a template the account is asked sooner: no more often than there is news. */
export const CHANGED_PAUSE_MS = 1000;

export interface RefreshTools {
  channel: Pick<Channel, "listTemplates">;
  store: Pick<Store, "templates">;
  clock: Clock;
}

/** How long the account is left alone after it was asked: the more templates it has, the longer. Milliseconds. */
export function pauseOf(count: number): number {
  return Math.max(1, Math.ceil(count / PAGE_SIZE)) * REQUEST_MS;
}

/**
 * Asks the account for its templates and stores them, unless that was done just now or cannot be done at all. Resolves
 * with whether it was. Throws PluginError.
 */
export async function refreshTemplates(
  name: string,
  { channel, store: { templates }, clock }: RefreshTools,
): Promise<boolean> {
  if (!channel.listTemplates) return false;
  const state = await templates.state(name);
  const now = clock.now();
  const pause = state?.isStale ? CHANGED_PAUSE_MS : pauseOf(state?.count ?? 0);
  if (!(await templates.claimRefresh(name, pause, now))) return false;
  await templates.replace(name, await channel.listTemplates(), now);
  return true;
}

/** One round of keeping the copy up to date: when it is too old, or something has changed since. */
export async function keepTemplates(name: string, maxAgeMs: number, tools: RefreshTools): Promise<void> {
  const state = await tools.store.templates.state(name);
  const isDue = !state || state.isStale || tools.clock.now() - state.at >= maxAgeMs;
  if (isDue) await refreshTemplates(name, tools);
}
