import { timeOf } from "../domain/event.ts";
import type { DeadLetter } from "../store/letter.ts";
import type { Operations } from "./operations.ts";

/** So that a mended helpdesk is not met by all at once. */
export interface Pace {
  perSecond: number;
  now(): number;
  wait(ms: number): Promise<void>;
  /** After each letter: how many were looked at, of how many. */
  told?(done: number, all: number): void;
}

type Replaying = Pick<Operations, "channels" | "replay"> & {
  deadLetters: Pick<Operations["deadLetters"], "list">;
};

/**
 * Puts the dead letters that are meant back, at a pace, in the order in which they happened: those of one conversation
 * must not overtake each other. Resolves with how many that were; what somebody else puts back meanwhile is not among them.
 */
export async function replayLetters(
  { channels, deadLetters, replay }: Replaying,
  isMeant: (letter: DeadLetter) => boolean,
  pace: Pace,
): Promise<number> {
  const letters: { channel: string; id: string; at: number }[] = [];
  for (const channel of channels) {
    for await (const letter of deadLetters.list(channel)) {
      if (isMeant(letter)) letters.push({ channel, id: letter.id, at: timeOf(letter.event) });
    }
  }
  letters.sort((one, other) => one.at - other.at);
  const start = pace.now();
  let count = 0;
  for (const [index, { channel, id }] of letters.entries()) {
    const early = start + (index * 1000) / pace.perSecond - pace.now();
    if (early > 0) await pace.wait(early);
    if (await replay(channel, id)) count++;
    pace.told?.(index + 1, letters.length);
  }
  return count;
}
