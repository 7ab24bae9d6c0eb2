import { lanes } from "../domain/lane.ts";
import type { Mailboxes } from "../store/mailbox.ts";
import type { WakeQueues } from "./wake-queues.ts";

/**
 * Wakes every conversation that has events waiting. Needed only after the unlikely: an intake that died between its
 * transaction and a second wake-up, an operator who removed jobs, Redis restored from an older file. Harmless
 * otherwise: a conversation that is awake is not woken twice.
 */
export async function sweep(
  channels: readonly string[],
  mailboxes: Mailboxes,
  queues: WakeQueues,
): Promise<void> {
  for (const channel of channels) {
    for (const lane of lanes) {
      for await (const people of mailboxes.pending(channel, lane)) {
        if (people.length > 0) await queues.wake(channel, lane, people);
      }
    }
  }
}
