import { type HelpdeskEvent, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { change, toEvent } from "./events.ts";
import { call, type ZnunyTools } from "./web-service.ts";

/** A change may be seen after a later one, when two are written at the same moment. */
const SETTLED_AFTER_S = 10;
/** Changes that a cursor names at most; a page holds more, so that polling always gets on. */
const MOST_NAMED = 50;
const what = "list changes";

const start = z.object({ Newest: z.coerce.number().int() });
const page = z.object({
  Now: z.coerce.number(),
  More: z.coerce.number(),
  Changes: z.array(change),
});

/** `16,18,19`: everything up to 16 is done, of the younger ones these were given. */
export async function listChanges(
  cursor: string | undefined,
  tools: ZnunyTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) {
    const { Newest } = await call(
      { operation: "ChangeList", body: { Start: 1 }, schema: start, what },
      tools,
    );
    return { events: [], cursor: `${Newest}`, more: false };
  }
  const { settled, given } = parseCursor(cursor);
  const body = { After: settled };
  const { Now, More, Changes } = await call({ operation: "ChangeList", body, schema: page, what }, tools);
  const events = Changes.filter(({ ID }) => !given.has(ID)).flatMap(
    (one) => toEvent(one, tools.settings) ?? [],
  );
  return { events, cursor: nextCursor(settled, Changes, Now), more: More === 1 };
}

function parseCursor(cursor: string): { settled: string; given: ReadonlySet<string> } {
  if (!/^\d+(,\d+)*$/.test(cursor)) {
    throw new PluginError({ kind: "bug", operatorMessage: `${what}: the cursor is not ours` });
  }
  const [settled = "0", ...given] = cursor.split(",");
  return { settled, given: new Set(given) };
}

function nextCursor(settled: string, changes: z.output<typeof change>[], now: number): string {
  const firstYoung = changes.findIndex(({ At }) => now - At < SETTLED_AFTER_S);
  const young = firstYoung === -1 ? changes.length : firstYoung;
  const cut = Math.max(young, changes.length - MOST_NAMED);
  const done = changes[cut - 1]?.ID ?? settled;
  return [done, ...changes.slice(cut).map(({ ID }) => ID)].join(",");
}
