import { type ContactKey, PluginError, type RecordRef } from "deskferry/sdk";
import { z } from "zod";
import type { Outcome } from "./calls.ts";
import { unclear } from "./judge.ts";

/** Systems write ids as numbers or as texts, and hold null for what they do not have. */
export const idText = z.union([z.string().min(1), z.number()]).transform(String);
export const optionalText = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined || value === "" ? undefined : String(value)));

const record = z.object({ id: idText, address: optionalText });
const candidates = z.array(
  record.extend({ externalId: optionalText, phone: optionalText, userId: optionalText }),
);

/** The record that a write made or found. */
export function recordOf({ verdict, value }: Outcome, what: string): RecordRef {
  if (verdict === "missing") throw notFound(what);
  const result = record.safeParse(value);
  if (result.success) return refOf(result.data);
  if (verdict === "done") throw unclear(what, "answer makes no id of what the server said");
  const operatorMessage = `${what}: the server has it already, and does not say which it is`;
  throw new PluginError({ kind: "conflict", operatorMessage });
}

export function notFound(what: string): PluginError {
  return new PluginError({ kind: "not_found", operatorMessage: `${what}: the server does not have it` });
}

/** Servers ignore filters that they do not know and return everything: only an equal value is ours. */
export function exact(outcome: Outcome, externalId: string, what: string): RecordRef | undefined {
  const match = candidatesOf(outcome, what).find((each) => each.externalId === externalId);
  return match && refOf(match);
}

/** By our id, or where the system does not keep it by user id or phone number. */
export function samePerson(outcome: Outcome, key: ContactKey, what: string): RecordRef | undefined {
  const found = candidatesOf(outcome, what);
  const match =
    found.find((each) => each.externalId === key.externalId) ??
    found.find((each) => key.userId !== undefined && each.userId === key.userId) ??
    found.find((each) => key.phone !== undefined && each.phone === key.phone);
  return match && refOf(match);
}

function candidatesOf({ verdict, value }: Outcome, what: string) {
  if (verdict === "missing" || value === undefined || value === null) return [];
  const result = candidates.safeParse([value].flat());
  if (result.success) return result.data;
  throw unclear(what, "answer makes no list of records with an id of what the server said");
}

function refOf({ id, address }: z.output<typeof record>): RecordRef {
  return { id, ...(address ? { address } : {}) };
}
