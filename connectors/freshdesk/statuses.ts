import type { TicketStatus } from "deskferry/sdk";
import type { Settings } from "./settings.ts";

/** The lowest number with the word. Freshdesk's new tickets are open ones. */
export function numberOfStatus(status: TicketStatus, { statuses }: Settings): number | undefined {
  const numbers = Object.entries(statuses).flatMap(([number, word]) =>
    word === status ? [Number(number)] : [],
  );
  if (numbers.length === 0 && status === "new") return numberOfStatus("open", { statuses } as Settings);
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/**
 * What we write beside a status, `3@2026-11-21T09:00:00.000Z`. Freshdesk does not tell who set a status: one that came
 * with a new mark is our own doing.
 */
export function changeMark(status: number, now: number): string {
  return `${status}@${new Date(now).toISOString()}`;
}

/** The status that we set last; undefined where there is no mark. */
export function markedStatus(mark: unknown): number | undefined {
  const match = typeof mark === "string" ? /^(\d{1,4})@/.exec(mark) : null;
  return match ? Number(match[1]) : undefined;
}
