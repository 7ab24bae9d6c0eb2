import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { type LookupFile, lookupProblem, readYaml } from "./lookup-file.ts";
import type { Table } from "./lookups.ts";

const MAX_ROWS = 5000;
const cell = z.union([z.string(), z.number(), z.boolean()], "must be a text, a number, true or false");
const yamlTable = z.record(
  z.string(),
  z.union([cell, z.record(z.string(), cell)], "must be a value, or columns with values"),
);

/** A table from CSV (the first line names the columns, the first column is the key) or from YAML (key: value or columns). */
export function readTable(file: LookupFile): Table {
  const table = file.name.endsWith(".csv") ? readCsv(file) : readYaml(file, yamlTable).value;
  if (Object.keys(table).length <= MAX_ROWS) return table;
  throw lookupProblem(file, `the table has more than ${MAX_ROWS} rows. Shorten it`);
}

interface CsvRow {
  record: string[];
  info: { lines: number };
}

function readCsv(file: LookupFile): Table {
  const [head, ...rows] = parseCsv(file);
  const columns = head?.record ?? [];
  if (columns.length < 2 || columns.includes("") || new Set(columns).size < columns.length) {
    throw lookupProblem(file, "the first line must name two or more columns, each once. Add it", 1);
  }
  const table = new Map<string, Record<string, string>>();
  for (const { record, info } of rows) {
    const [key = "", ...cells] = record;
    const problem =
      key === "" ? "the key is empty" : table.has(key) ? "this key was there before" : undefined;
    if (problem) throw lookupProblem(file, `${problem}. Correct the row`, info.lines);
    table.set(key, Object.fromEntries(cells.map((value, index) => [columns[index + 1] ?? "", value])));
  }
  return Object.fromEntries(table);
}

function parseCsv(file: LookupFile): CsvRow[] {
  try {
    const options = { bom: true, info: true, trim: true, skip_empty_lines: true } as const;
    return parse(file.text, options) as unknown as CsvRow[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error["lines"] === "number" ? error["lines"] : undefined;
    const code = error.code.toLowerCase().replaceAll("_", " ");
    throw lookupProblem(
      file,
      `the CSV cannot be read (${code}). Give each row as many cells as the first`,
      line,
    );
  }
}
