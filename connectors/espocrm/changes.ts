import { type HelpdeskEvent, PluginError } from "deskferry/sdk";
import { type EspoTools, list, type Where } from "./api.ts";
import { eventOf } from "./events.ts";
import { type Case, caseRecord, type Note, noteRecord } from "./records.ts";

const PAGE = 100;
const what = "list changes";
const ofCases: Where = { type: "equals", attribute: "parentType", value: "Case" };

/** Notes of all cases come from the global stream, newest first; the cursor is the number of the last one seen. */
export async function listChanges(
  cursor: string | undefined,
  tools: EspoTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) {
    const newest = await stream([], 1, tools);
    return { events: [], cursor: `${newest[0]?.number ?? 0}`, more: false };
  }
  const { notes, upTo, more } = await oldestAfter(Number(cursor), tools);
  return { events: await eventsOf(notes, tools), cursor: `${upTo}`, more };
}

/**
 * The stream can be asked for the newest only. Where more notes wait than fit into an answer, the range is halved until
 * those in it do.
 */
async function oldestAfter(after: number, tools: EspoTools) {
  const from: Where = { type: "greaterThan", attribute: "number", value: after };
  let notes = within({ after }, await stream([from], PAGE, tools));
  const newest = notes[0]?.number ?? after;
  let upTo = newest;
  while (notes.length >= PAGE && upTo > after + 1) {
    upTo = after + Math.ceil((upTo - after) / 2);
    const until: Where = { type: "lessThanOrEquals", attribute: "number", value: upTo };
    notes = within({ after, upTo }, await stream([from, until], PAGE, tools));
  }
  return { notes: notes.sort((a, b) => a.number - b.number), upTo, more: upTo < newest };
}

/** A server that ignored the filter would show the newest, and what came between would be lost without a word. */
function within({ after, upTo = Infinity }: { after: number; upTo?: number }, notes: Note[]): Note[] {
  if (notes.every(({ number }) => number > after && number <= upTo)) return notes;
  const operatorMessage = `${what}: this version of EspoCRM does not filter the global stream by the number of notes`;
  throw new PluginError({ kind: "config", code: "filter_ignored", operatorMessage });
}

function stream(where: Where[], maxSize: number, tools: EspoTools): Promise<Note[]> {
  return list("/GlobalStream", { where: [ofCases, ...where], maxSize }, { item: noteRecord, what }, tools);
}

async function eventsOf(notes: Note[], tools: EspoTools): Promise<HelpdeskEvent[]> {
  const relevant = notes.filter(
    ({ type, parentType }) => parentType === "Case" && ["Post", "Status", "Update"].includes(type),
  );
  if (relevant.length === 0) return [];
  const { settings, directory } = tools;
  const cases = await ourCases(relevant, tools);
  const account = await directory.account();
  const ours = relevant.filter(({ parentId }) => cases.has(parentId ?? ""));
  const writers = ours.filter(({ type }) => type === "Post").map(({ createdById }) => createdById ?? account);
  const staff = await directory.staffAmong(writers.filter((id) => id !== account));
  return ours.flatMap((note) => {
    const record = cases.get(note.parentId ?? "");
    const externalId = record?.[settings.idField];
    if (!record || typeof externalId !== "string") return [];
    return eventOf(note, { record, externalId, account, staff, settings }) ?? [];
  });
}

/** Those of the cases that carry an id of ours, as they are now. */
async function ourCases(notes: Note[], tools: EspoTools): Promise<Map<string, Case>> {
  const { idField } = tools.settings;
  const ids = [...new Set(notes.map(({ parentId }) => parentId ?? ""))];
  const where: Where[] = [
    { type: "in", attribute: "id", value: ids },
    { type: "isNotNull", attribute: idField },
  ];
  const select = ["id", "number", "name", "status", "assignedUserName", idField];
  const found = await list(
    "/Case",
    { where, select, maxSize: ids.length },
    { item: caseRecord, what },
    tools,
  );
  return new Map(found.filter((each) => each[idField]).map((each) => [each.id, each]));
}
