import {
  type Clock,
  fromHttpResponse,
  type HttpAnswer,
  type HttpClient,
  PluginError,
  type PluginLog,
} from "deskferry/sdk";
import { z } from "zod";
import type { Directory } from "./directory.ts";
import { read, record, type SavedRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

export interface EspoTools {
  http: HttpClient;
  settings: Settings;
  directory: Directory;
  log: PluginLog;
  clock: Clock;
  /** The same words once only: what EspoCRM has no place for is so for every record. */
  warnOnce(message: string): void;
}

export type Asking = Pick<EspoTools, "http" | "settings" | "clock">;

export interface Where {
  type: "equals" | "in" | "or" | "contains" | "isNotNull" | "greaterThan" | "lessThanOrEquals";
  attribute?: string;
  value?: unknown;
}

export interface Search {
  where?: Where[];
  select?: string[];
  maxSize?: number;
}

/** Records below `path`. An attribute that EspoCRM does not know is refused in a filter, unlike in a record. */
export async function list<T extends z.ZodType>(
  path: string,
  search: Search,
  { item, what }: { item: T; what: string },
  { http, settings, clock }: Asking,
): Promise<z.output<T>[]> {
  const query = { searchParams: JSON.stringify(search) };
  const answer = await http.request({ method: "GET", path, query, what, accept: [400] });
  if (answer.status !== 400) return read(answer, z.object({ list: z.array(item) }), what).list;
  if (reasonOf(answer).includes(`'${settings.idField}'`)) throw fieldMissing(path, what, settings);
  throw fromHttpResponse(answer, what, clock.now());
}

function fieldMissing(path: string, what: string, { idField }: Settings): PluginError {
  const operatorMessage = `${what}: ${path.split("/")[1]} has no field ${idField}; make it as setup.md says, or name it in the setting idField`;
  return new PluginError({ kind: "config", code: 400, operatorMessage });
}

/** Written by EspoCRM for people, and at times with the value in it: to be looked at, never to be passed on. */
export function reasonOf({ headers }: HttpAnswer): string {
  return headers["x-status-reason"] ?? "";
}

type Attributes = Record<string, unknown>;

export interface Saving {
  method: "POST" | "PUT";
  path: string;
  json: Attributes;
  what: string;
  /** By the name of a field that EspoCRM refuses: what to write instead, or undefined when there is nothing else. */
  instead?: Record<string, (json: Attributes) => Attributes | undefined>;
}

/**
 * Makes or changes a record. EspoCRM names the first field that it does not accept, and has written nothing then; each
 * such field is put right once.
 */
export async function save(saving: Saving, tools: EspoTools): Promise<SavedRecord> {
  const { method, path, what, instead = {} } = saving;
  let json = saving.json;
  const tried = new Set<string>();
  for (;;) {
    // Our own look-up has decided that the record is a new one.
    const headers = { "X-Skip-Duplicate-Check": "true" };
    const answer = await tools.http.request({ method, path, json, headers, what, accept: [400] });
    if (answer.status !== 400) return read(answer, record, what);
    const field = refusedField(answer);
    const next = field && !tried.has(field) ? instead[field]?.(json) : undefined;
    if (!field || !next) throw refused(field, what, answer, tools.clock);
    tried.add(field);
    json = next;
  }
}

function refusedField(answer: HttpAnswer): string | undefined {
  return /field: ([A-Za-z0-9]{1,100})\b/.exec(reasonOf(answer))?.[1];
}

function refused(field: string | undefined, what: string, answer: HttpAnswer, clock: Clock): PluginError {
  if (!field) return fromHttpResponse(answer, what, clock.now());
  const operatorMessage = `${what}: EspoCRM does not accept the value of the field ${field}`;
  return new PluginError({ kind: "rejected", code: 400, operatorMessage });
}

/** EspoCRM refuses these three in names. The wide forms look alike, and are told apart by nobody who reads. */
export function withoutMarkup(text: string): string {
  return text.replaceAll("<", "＜").replaceAll(">", "＞").replaceAll("=", "＝");
}
