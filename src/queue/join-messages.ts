import { burstOf } from "../domain/burst.ts";
import type { Waiting } from "../store/envelope.ts";
import type { Head, Place } from "../store/mailbox.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { DrainTools } from "./drain.ts";

/**
 * The head together with the messages that wait behind it, where they may be handled as one. Only a head that was never
 * begun before is joined: what an earlier try has made of it alone is not known to a burst.
 */
export async function joinMessages(
  head: Head,
  place: Place,
  { mailboxes, mostTogether }: Pick<DrainTools, "mailboxes" | "mostTogether">,
): Promise<Head> {
  const most = place.lane === "in" ? (mostTogether?.(place.channel) ?? 1) : 1;
  if (most < 2 || head.alone || head.begun > 1) return head;
  const waiting: [Head, ...Waiting[]] = [head, ...untilAlone(await mailboxes.behind(place, most - 1))];
  const events = waiting.map(({ event }) => event);
  const burst = burstOf(events, most);
  if (!burst) return head;
  const parts: [Head, ...Waiting[]] = [head, ...waiting.slice(1, burst.messages.length)];
  const joined = await mailboxes.join(place, parts, burst);
  crashPoint("drain.joined");
  return joined ?? head;
}

function untilAlone(waiting: Waiting[]): Waiting[] {
  const end = waiting.findIndex(({ alone }) => alone);
  return end < 0 ? waiting : waiting.slice(0, end);
}
