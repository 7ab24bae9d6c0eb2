import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createComparison } from "../../src/mapping/compare.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";

const root = mkdtempSync(join(tmpdir(), "compare-"));
let mapper: Mapper;

beforeAll(() => {
  mapper = createMapper({ children: 2 });
});

afterAll(async () => {
  await mapper.close();
  rmSync(root, { recursive: true });
});

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(root, "f-"));
  const all = {
    contact: `{"name": person.name}`,
    ticket: `{"subject": message.text, "tags": ["a"]}`,
    comment: `{"body": message.text}`,
    ...files,
  };
  for (const [kind, text] of Object.entries(all)) writeFileSync(join(folder, `${kind}.jsonata`), text);
  await mapper.load(folder);
  return folder;
}

const ticketOf = (text: string) => ({ kind: "ticket" as const, input: { person: {}, message: { text } } });

test("counts, for each kind and field, what would become what", async () => {
  const old = await folderOf({ ticket: `{"subject": message.text, "priority": "normal", "tags": ["a"]}` });
  const now = await folderOf({
    ticket: `{"subject": message.text, "priority": $contains(message.text, "fire") ? "high" : "normal", "tags": ["a", "b"]}`,
  });
  const comparison = createComparison(mapper, { old, new: now });
  for (const text of ["fire", "water", "fire here"]) await comparison.add(ticketOf(text));
  await comparison.add({ kind: "comment", input: { message: { text: "x" } } });
  const [ticket, comment] = comparison.result();
  expect(ticket).toMatchObject({ kind: "ticket", events: 3, changed: 3 });
  expect(ticket?.fields.map(({ field, events, transitions }) => ({ field, events, transitions }))).toEqual([
    { field: "tags[]", events: 3, transitions: [{ from: "nothing", to: "b", events: 3 }] },
    { field: "priority", events: 2, transitions: [{ from: "normal", to: "high", events: 2 }] },
  ]);
  expect(ticket?.fields[1]?.examples[0]?.input).toEqual(ticketOf("fire").input);
  expect(comment).toMatchObject({ kind: "comment", events: 1, changed: 0, fields: [] });
});

test("an event that one of both cannot map is a change; one that neither can is none", async () => {
  const old = await folderOf({});
  const now = await folderOf({ ticket: `{"subject": $number(message.text)}` });
  const comparison = createComparison(mapper, { old, new: now });
  await comparison.add(ticketOf("seven"));
  await comparison.add({ kind: "contact", input: { person: {} } });
  const [contact, ticket] = comparison.result();
  expect(contact).toMatchObject({ events: 1, changed: 0 });
  expect(ticket?.fields.find(({ field }) => field === "error")?.transitions[0]?.to).toMatch(/cast/);
});

test("a route is decided with the record of the ticket that its own folder makes", async () => {
  const route = `{"queue": ticket.subject}`;
  const old = await folderOf({ route });
  const now = await folderOf({ route, ticket: `{"subject": "fixed", "tags": ["a"]}` });
  const comparison = createComparison(mapper, { old, new: now });
  await comparison.add({ ...ticketOf("Water"), kind: "route" });
  expect(comparison.result()[0]?.fields).toMatchObject([
    { field: "queue", transitions: [{ from: "Water", to: "fixed", events: 1 }] },
  ]);
});
