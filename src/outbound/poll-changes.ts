import type { HelpdeskEvent } from "../domain/event.ts";
import type { Connector } from "../sdk/connector.ts";
import type { Polling } from "../store/polling.ts";
import { crashPoint } from "../telemetry/crash-point.ts";

export interface PollOptions {
  connection: string;
  connector: Connector;
  polling: Polling;
  /** Takes the changes in durably; the cursor moves only afterwards. */
  accept(events: HelpdeskEvent[]): Promise<void>;
}

/** Pages fetched in one go; the rest follows at the next turn. */
const MOST_PAGES = 20;

/** One round of polling: everything since the cursor. Changes that also came by webhook are recognised as repeats. */
export async function pollChanges(options: PollOptions): Promise<void> {
  const { connection, connector, polling, accept } = options;
  if (!connector.listChanges) return;
  let cursor = await polling.cursor(connection);
  if (cursor === undefined) return begin(options);
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await connector.listChanges(cursor);
    await accept(answer.events);
    crashPoint("poll.taken");
    if (answer.cursor !== cursor) await polling.saveCursor(connection, answer.cursor);
    cursor = answer.cursor;
    if (!answer.more) return;
  }
}

async function begin({ connection, connector, polling, accept }: PollOptions): Promise<void> {
  const answer = await connector.listChanges?.(undefined);
  if (!answer) return;
  await accept(answer.events);
  await polling.begin(connection, answer.cursor);
}
