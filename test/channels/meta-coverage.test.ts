import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { envelope, messageParts, messageTypes, type Row, statuses } from "./meta-fact-sheet.ts";
import { otherFields } from "./meta-fact-sheet-fields.ts";

const folder = new URL("../payloads/meta/", import.meta.url);

interface Change {
  field?: unknown;
  value?: unknown;
}

function changesOf(file: string): Change[] {
  const { payload } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  const entries: { changes?: Change[] }[] = Array.isArray(payload?.entry) ? payload.entry : [];
  return entries.flatMap((entry) => (Array.isArray(entry?.changes) ? entry.changes : []));
}

/** Keys whose absence is a case of its own. */
const optional = new Set([
  ...["from", "wa_id", "recipient_id", "context", "url", "caption", "name", "description", "interactive"],
  ...["emoji", "expiration_timestamp", "conversation", "pricing", "billable", "ctwa_clid", "username"],
]);
/** Lists whose items are told apart by their type. */
const typed = new Set(["messages", "message_echoes"]);

/** Every place of a payload that holds something, as the fact sheet writes places. */
function* placesOf(value: unknown, place: string): Generator<string> {
  yield place;
  if (typeof value !== "object" || value === null) {
    yield `${place}=${value}`;
    return;
  }
  for (const key of optional) if (!Object.hasOwn(value, key)) yield `${place}.!${key}`;
  for (const [key, below] of Object.entries(value)) yield* placesBelow(below, key, `${place}.${key}`);
}

function* placesBelow(below: unknown, key: string, place: string): Generator<string> {
  if (!Array.isArray(below)) yield* placesOf(below, place);
  else for (const item of below) yield* placesOf(item, `${place}[${typed.has(key) ? typeOf(item) : ""}]`);
}

function typeOf(item: unknown): string {
  const type = typeof item === "object" && item !== null && "type" in item ? item.type : undefined;
  return typeof type === "string" ? type : "";
}

const covered = new Set<string>();
for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  for (const { field, value } of changesOf(file).filter((change) => change !== null)) {
    for (const place of placesOf(value, String(field))) covered.add(place);
  }
}

describe.each<[string, Row[]]>([
  ["envelope", envelope],
  ["parts of a message", messageParts],
  ["types of message", messageTypes],
  ["statuses", statuses],
  ["other fields", otherFields],
])("P09: recorded situations show all that the facts know: %s", (_table, rows) => {
  test.each(rows)("$row", ({ places }) => {
    expect(places.length).toBeGreaterThan(0);
    expect(places.filter((place) => !covered.has(place))).toEqual([]);
  });
});

test("a row that no situation shows is noticed", () => {
  expect(covered.has("messages.messages[smell].smell.strength")).toBe(false);
  expect(covered.has("messages.messages[text].text.!body")).toBe(false);
});
