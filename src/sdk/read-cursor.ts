import type { z } from "zod";
import { PluginError } from "./errors.ts";
import { parseJson } from "./parse-json.ts";

/** A cursor of `listChanges` that the connector wrote as JSON. Throws `bug` for one that it cannot have written. */
export function readCursor<T extends z.ZodType>(cursor: string, schema: T): z.output<T> {
  const result = schema.safeParse(parseJson(cursor));
  if (result.success) return result.data;
  throw new PluginError({ kind: "bug", operatorMessage: "list changes: the cursor is not one of ours" });
}
