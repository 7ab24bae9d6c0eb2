import { z } from "zod";
import type { MappingKind } from "../domain/records.ts";
import { recordSchemas } from "./check-record.ts";

/** The record of a kind as JSON Schema, with the fields' descriptions: for whoever shows records. */
export function describeRecord(kind: MappingKind): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(recordSchemas[kind]);
  return schema;
}
