import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { MappingError } from "../errors.ts";

/** A file beside the mappings, as read. */
export interface LookupFile {
  /** As shown in errors. */
  name: string;
  text: string;
}

/** What is wrong with a file beside the mappings; `reason` ends with the remedy. */
export function lookupProblem(file: LookupFile, reason: string, line?: number): MappingError {
  return new MappingError({ kind: "compile", file: file.name, reason, line });
}

interface YamlReading<T> {
  value: T;
  /** Line of the value at a path, or of the nearest thing around it. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** YAML 1.2 of a shape. Throws MappingError with the line of the first slip. */
export function readYaml<S extends z.ZodType>(file: LookupFile, schema: S): YamlReading<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw lookupProblem(file, `the YAML cannot be read (${error.code}). Correct it`, line);
  }
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
      if (Array.isArray(range)) return lines.linePos(Number(range[0])).line;
    }
    return undefined;
  };
  const result = schema.safeParse(toValue(document, file));
  if (result.success) return { value: result.data, lineOf };
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  const place = path.length > 0 ? `${path.map(String).join(".")}: ` : "";
  const message = issue?.code === "invalid_key" ? issue.issues[0]?.message : issue?.message;
  throw lookupProblem(file, `${place}${message ?? "has another shape"}. Correct it`, lineOf(path));
}

function toValue(document: ReturnType<typeof parseDocument>, file: LookupFile): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch {
    throw lookupProblem(file, "an alias (*name) has no anchor or there are too many. Write it out");
  }
}
