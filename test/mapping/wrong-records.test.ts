import { afterAll, beforeAll, expect, test } from "vitest";
import { type MappingKind, mappingKinds } from "../../src/domain/records.ts";
import { checkRecord } from "../../src/mapping/check-record.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";
import {
  fieldsOfRecord,
  fieldsOfSchema,
  goodRecords,
  type WrongRecord,
  wrongRecords,
} from "./wrong-records.ts";

/** Issue: wrong results of every kind are caught with file, line and field; here for each field of each record. */
const cases = goodRecords.flatMap(([kind, record]) => wrongRecords(kind, record));
let mapper: Mapper;

beforeAll(() => {
  mapper = createMapper({ children: 1 });
});
afterAll(() => mapper.close());

test.each(mappingKinds)("the correct records have every field that a %s may have", (kind) => {
  const records = goodRecords.filter(([of]) => of === kind).map(([, record]) => record);
  for (const record of records) {
    expect(checkRecord(kind, record, { name: "x", source: "" })).toEqual(record);
  }
  const shown = new Set(records.flatMap((record) => fieldsOfRecord(record)));
  // A fallback is what its parent may be, and is judged by the same rules.
  const isOwn = (field: string) => !/^fallback(\[\])?\./.test(field);
  expect([...fieldsOfSchema(kind)].filter((field) => isOwn(field) && !shown.has(field))).toEqual([]);
});

test("every wrong result at every field is caught, with file, line and field", async () => {
  const missed: string[] = [];
  const counts: Partial<Record<MappingKind, number>> = {};
  for (const wrong of cases) {
    counts[wrong.kind] = (counts[wrong.kind] ?? 0) + 1;
    const complaint = await complaintAbout(wrong);
    if (complaint) missed.push(`${wrong.what}: ${complaint}`);
  }
  const shown = Object.entries(counts).map(([kind, count]) => `${kind} ${count}`);
  process.stdout.write(
    `wrong results: ${cases.length - missed.length} of ${cases.length} caught (${shown.join(", ")})\n`,
  );
  expect(missed).toEqual([]);
  for (const kind of mappingKinds) expect(counts[kind]).toBeGreaterThan(20);
});

/** What is wrong with how it ended; undefined when it was caught as it must be. */
async function complaintAbout(wrong: WrongRecord): Promise<string | undefined> {
  const file = `nowhere/${wrong.kind}.jsonata`;
  try {
    const { record } = await mapper.mapSource(file, wrong.source, { person: {}, message: {} });
    return `it made ${JSON.stringify(record)}`;
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    if (error.file !== file) return `the file is ${error.file}`;
    const { line = 0 } = error;
    if (line < wrong.topLine || line > wrong.line)
      return `line ${line} instead of ${wrong.topLine} to ${wrong.line}: ${error.message}`;
    if (wrong.byExpression) return line === wrong.line ? undefined : `line ${line} is not the expression's`;
    return namesField(error, wrong.path) ? undefined : `the field is not named: ${error.message}`;
  }
}

function namesField(error: MappingError, path: string): boolean {
  return error.path === path || error.fields.some((field) => field.path === path);
}
