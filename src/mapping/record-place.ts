import { z } from "zod";
import { commentRecord, confirmationRecord, contactRecord, ticketRecord } from "../domain/records.ts";
import { placeAt } from "./place.ts";

/** A key as it may be shown. */
export type Shower = (key: PropertyKey) => string;

/** A key that does not stand in the mapping file was made from the input and may be personal data. */
export function createShower(source: string): Shower {
  return (key) => (source.includes(String(key)) || fields.has(String(key)) ? String(key) : "…");
}

/** Every name of a field that a record can have, at any depth. */
const fields = new Set(
  [contactRecord, ticketRecord, commentRecord, confirmationRecord].flatMap((schema) =>
    namesIn(z.toJSONSchema(schema)),
  ),
);

function namesIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as { properties?: unknown };
  const own = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return [...own, ...Object.values(schema).flatMap(namesIn)];
}

/**
 * A place in a record, as shown, and its line in the mapping file: of its key; else of the nearest key around it that can
 * be told, where a missing one belongs; else, by `position`, of what made the record.
 */
export function placeOfPath(
  path: readonly PropertyKey[],
  { source, position }: { source: string; position?: number | undefined },
): { path: string; line?: number | undefined } {
  const line =
    lineOfPath(source, path) ?? (position === undefined ? undefined : placeAt(source, position).line);
  return { path: showPath(path, createShower(source)), line };
}

/** `custom.City`, `template.body[0]`. */
function showPath(path: readonly PropertyKey[], show: Shower): string {
  let shown = "";
  for (const key of path) {
    if (typeof key === "number") shown += `[${key}]`;
    else shown += `${shown === "" ? "" : "."}${show(key)}`;
  }
  return shown;
}

/** Follows the path as far as each key stands exactly once below the one around it. */
function lineOfPath(source: string, path: readonly PropertyKey[]): number | undefined {
  let start: number | undefined;
  for (const key of path) {
    if (typeof key !== "string") continue;
    const places = placesOfKey(source, key).filter((place) => place > (start ?? -1));
    if (places.length !== 1) break;
    start = places[0];
  }
  return start === undefined ? undefined : placeAt(source, start).line;
}

/** Offsets at which a name stands in quotation marks with a colon behind it. */
function placesOfKey(source: string, key: string): number[] {
  const name = JSON.stringify(key);
  const places: number[] = [];
  for (let at = source.indexOf(name); at >= 0; at = source.indexOf(name, at + 1)) {
    if (/^\s*:/.test(source.slice(at + name.length, at + name.length + 100))) places.push(at);
  }
  return places;
}
