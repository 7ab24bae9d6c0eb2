import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MappingError } from "../../src/mapping/errors.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";

/** What an editor asks for: a text that is in no file, and each fault at its place. */
const canary = "canary-77ab";
let mapper: Mapper;

beforeAll(() => {
  mapper = createMapper({ children: 1 });
});
afterAll(() => mapper.close());

async function failureOf(file: string, source: string): Promise<MappingError> {
  const error: unknown = await mapper.mapSource(file, source, { text: canary }).catch((thrown) => thrown);
  if (error instanceof MappingError) return error;
  throw new Error(`expected a MappingError, got ${inspect(error)}`);
}

test("a text that is in no file gives its record and its version", async () => {
  const source = `{"subject": text}`;
  const made = await mapper.mapSource("nowhere/ticket.jsonata", source, { text: "Pump" });
  expect(made.record).toEqual({ subject: "Pump" });
  expect(made.version).toBe(createHash("sha256").update(source).digest("hex").slice(0, 12));
});

test("a text not yet saved sees the tables and labels beside its file, as production will", async () => {
  const source = `{"subject": $label("language", "ur"), "priority": $table("urgent", "fire")}`;
  const made = await mapper.mapSource("mappings/sandbox/ticket.jsonata", source, {});
  expect(made.record).toEqual({ subject: "اردو", priority: "urgent" });
});

test("a syntax error has its line and column", async () => {
  const { kind, line, column } = await failureOf("nowhere/ticket.jsonata", `{\n  "subject": text text\n}`);
  expect([kind, line]).toEqual(["compile", 2]);
  expect(column).toBeGreaterThan(10);
});

test("every field at fault is named with its line, and what was made is there for its author only", async () => {
  const error = await failureOf(
    "nowhere/ticket.jsonata",
    `{\n"subject": [text],\n"tags": text,\n"sujet": 1\n}`,
  );
  expect(error.fields.map(({ path, line }) => [path, line])).toEqual([
    ["subject", 2],
    ["tags", 3],
    ["sujet", 4],
  ]);
  expect(error.fields[1]?.reason).toMatch(/expected array.*Put it in \[ \]/);
  expect(error.produced).toEqual({ subject: [canary], tags: canary, sujet: 1 });
  expect(JSON.stringify(error) + inspect(error, { showHidden: true })).not.toContain(canary);
});

test("a faulty text has the same fault however often it is asked for", async () => {
  const source = `{"subject": text text}`;
  const first = await failureOf("nowhere/ticket.jsonata", source);
  expect(first.reason).toMatch(/JSONata S0202/);
  expect((await failureOf("nowhere/ticket.jsonata", source)).message).toBe(first.message);
});

test("an editor's thousand versions are made in one child, and the first of them again", async () => {
  const made = [];
  for (let count = 0; count <= 1000; count += 1) {
    const source = `{"subject": "${count % 1000}"}`;
    made.push((await mapper.mapSource("nowhere/ticket.jsonata", source, {})).record);
  }
  expect(made.map((record) => (record as { subject: string }).subject)).toEqual([
    ...Array.from({ length: 1000 }, (_, count) => String(count)),
    "0",
  ]);
});

test("a text too long, and a name that is no mapping file's, are refused", async () => {
  expect((await failureOf("nowhere/ticket.jsonata", " ".repeat(300_000))).message).toMatch(/larger than/);
  expect((await failureOf("nowhere/tickets.jsonata", "1")).message).toMatch(/Call it contact/);
});
