import type { HelpdeskEvent } from "../domain/event.ts";
import type { Connector } from "../sdk/connector.ts";
import type { Polling } from "../store/polling.ts";

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
export async function pollChanges({ connection, connector, polling, accept }: PollOptions): Promise<void> {
  if (!connector.listChanges) return;
  let cursor = await polling.cursor(connection);
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await connector.listChanges(cursor);
    await accept(answer.events);
    if (answer.cursor !== cursor) await polling.saveCursor(connection, answer.cursor);
    cursor = answer.cursor;
    if (!answer.more) return;
  }
}
