import type { Connector, Tools } from "deskferry/sdk";
import { z } from "zod";
import { idText } from "./answers.ts";
import type { Calls } from "./calls.ts";
import { toEvents } from "./events.ts";
import { unclear } from "./judge.ts";
import type { CallName } from "./operation-settings.ts";
import type { Settings } from "./settings.ts";

const what = "list changes";
const page = z.object({
  events: z.unknown().optional(),
  cursor: idText.nullish(),
  more: z.boolean().nullish(),
});

export function listChanges(
  settings: Settings,
  calls: Calls,
  { log, clock }: Tools,
): NonNullable<Connector["listChanges"]> {
  async function ask(name: CallName, cursor: string | undefined) {
    const now = new Date(clock.now()).toISOString();
    const { verdict, value } = await calls.run(name, { now, ...(cursor === undefined ? {} : { cursor }) });
    if (verdict === "missing") throw unclear(what, "the server says that there is no such list");
    const result = page.safeParse(value);
    const next = result.data?.cursor ?? cursor;
    if (!result.success || next === undefined)
      throw unclear(what, "answer makes no cursor of what the server said");
    return { events: result.data.events, cursor: next, more: result.data.more === true };
  }

  return async (cursor) => {
    if (cursor === undefined) {
      const start = await ask(settings.operations.startChanges ? "startChanges" : "listChanges", undefined);
      return { events: [], cursor: start.cursor, more: false };
    }
    const { events, ...rest } = await ask("listChanges", cursor);
    return { events: toEvents(events, settings, log), ...rest };
  };
}
