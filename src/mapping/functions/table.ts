import type { Lookups } from "../lookups/lookups.ts";
import { asOptionalText, asText, isNothing, type MappingFunction, refusal } from "./mapping-function.ts";

/** `$table(name, key, column?)`: the row or value of a table beside the mapping; nothing for a key that is not there. */
function tableOf({ tables }: Lookups): (...given: unknown[]) => unknown {
  return (name, key, column) => {
    const table = ownValue(tables, asText(name, "$table"));
    if (table === undefined) {
      throw refusal(
        "$table needs the name of a file in tables/ as its first argument, without .csv or .yaml",
      );
    }
    if (isNothing(key)) return undefined;
    const row = ownValue(table, asText(key, "$table", "second").trim());
    const wanted = asOptionalText(column, "$table", "third");
    if (row === undefined || wanted === undefined) return row;
    return typeof row === "object" ? ownValue(row, wanted) : undefined;
  };
}

/** A name from a mapping never reaches what an object inherits. */
export function ownValue<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

export const tableFunctions: MappingFunction[] = [
  {
    name: "table",
    signature: "$table(name, key, column?)",
    about:
      "What `tables/<name>.csv` or `.yaml` beside the mapping says of a key: the value of a column, or without `column` the whole row; nothing for a key that is not there.",
    examples: [
      { expression: '$table("wards", "12", "queue")', gives: "Water works south" },
      { expression: '$table("wards", "12")', gives: { queue: "Water works south", officer: "R. Nair" } },
    ],
    create: tableOf,
  },
];
