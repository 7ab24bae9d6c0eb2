import { readFileSync } from "node:fs";
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from "yaml";
import type { ConfigProblem } from "./errors.ts";
import { interpolate } from "./interpolate.ts";
import { pathText, type SettingPath } from "./setting-path.ts";
import { VariableFileError } from "./variables.ts";

/** deskferry.yaml as read: values with variables filled in, and where everything stands. */
export interface ConfigDocument {
  /** As it stands in the file; undefined when that cannot be read. */
  source: string | undefined;
  value: unknown;
  /** Paths (as text) of values that hold a variable: they are text, whatever type is wanted. */
  interpolated: Set<string>;
  problems: ConfigProblem[];
  /** Line of a setting, or of the nearest thing around it that is in the file. */
  lineOf(path: SettingPath): number | undefined;
}

/** `known`: the file as it was read before, taken instead of what it may hold by now. */
export function readDocument(
  file: string,
  readVariable: (name: string) => string | undefined,
  known?: string,
): ConfigDocument {
  let source: string;
  try {
    source = known ?? readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const remedy = "Start from deskferry.example.yaml, or name the file with --config";
    return empty({ path: "", reason: `cannot be read (${code})`, remedy });
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const { errors } = document;
  if (errors.length > 0) return { ...empty(), problems: syntaxProblems(errors, source, lines) };
  const { interpolated, problems } = fillIn(document, lines, readVariable);
  const value = toValue(document);
  if (value === undefined) problems.push({ path: "", ...BAD_ALIAS });
  return {
    source,
    value,
    interpolated,
    problems,
    lineOf: (path) => lineOf(document, lines, path),
  };
}

const BAD_ALIAS = { reason: "an alias (*name) has no anchor or there are too many", remedy: "Write it out" };

/** Undefined when aliases cannot be followed. */
function toValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch {
    return undefined;
  }
}

function empty(problem?: ConfigProblem): ConfigDocument {
  const problems = problem ? [problem] : [];
  return { source: undefined, value: undefined, interpolated: new Set(), problems, lineOf: () => undefined };
}

/** The parser's own messages quote the file, which may hold secrets. After the first slip the rest is noise. */
function syntaxProblems(errors: YAMLError[], source: string, lines: LineCounter): ConfigProblem[] {
  const duplicates = errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const other = errors.find(({ code }) => code !== "DUPLICATE_KEY");
  return [...duplicates, ...(other ? [other] : [])].map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    const text = source.split("\n")[line - 1] ?? "";
    return { path: "", line, ...inWords(error.code, col, text) };
  });
}

function inWords(code: string, column: number, text: string): { reason: string; remedy: string } {
  if (code === "DUPLICATE_KEY") return { reason: "the same key stands here twice", remedy: "Remove one" };
  const reason = `this is not valid YAML (${code}, column ${column})`;
  if (/[{[].*\$\{/.test(text)) return { reason, remedy: `Inside { } and [ ] write "\${NAME}" in quotes` };
  if (code === "TAB_AS_INDENT") return { reason, remedy: "Indent with spaces" };
  return { reason, remedy: "Check the indentation, colons and quotes" };
}

function fillIn(document: Document, lines: LineCounter, readVariable: (name: string) => string | undefined) {
  const interpolated = new Set<string>();
  const problems: ConfigProblem[] = [];
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === "key" || typeof node.value !== "string") return;
      const path = pathText(pathOf(node, ancestors));
      const { text, changed, failures } = fillText(node.value, readVariable);
      node.value = text;
      if (changed) interpolated.add(path);
      const place = node.range ? { path, line: lines.linePos(node.range[0]).line } : { path };
      for (const failure of failures) problems.push({ ...place, ...failure });
    },
  });
  return { interpolated, problems };
}

function fillText(text: string, readVariable: (name: string) => string | undefined) {
  try {
    const { missing, malformed, ...result } = interpolate(text, readVariable);
    return { ...result, failures: [...missing.map(missingVariable), ...(malformed ? [MALFORMED] : [])] };
  } catch (error) {
    if (!(error instanceof VariableFileError)) throw error;
    const failure = { reason: error.message, remedy: "Correct the path or the file's permissions" };
    return { text, changed: true, failures: [failure] };
  }
}

const MALFORMED = {
  reason: "something here begins like a variable but is none",
  remedy: `Write \${NAME} or \${NAME:-default} with letters, digits and _; $\${ for a plain \${`,
};

function missingVariable(name: string): { reason: string; remedy: string } {
  return {
    reason: `the environment variable ${name} is not set`,
    remedy: `Set ${name}, or ${name}_FILE to a file that holds it`,
  };
}

function pathOf(node: Scalar, ancestors: readonly unknown[]): SettingPath {
  const path: SettingPath = [];
  const chain = [...ancestors, node];
  chain.forEach((parent, index) => {
    const child = chain[index + 1];
    if (isPair(parent)) path.push(isScalar(parent.key) ? String(parent.key.value) : String(parent.key));
    else if (isNode(parent) && !isMap(parent) && "items" in parent) path.push(parent.items.indexOf(child));
  });
  return path;
}

function lineOf(document: Document, lines: LineCounter, path: SettingPath): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(document, path.slice(0, length));
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

/** In a map the key, because its value may begin lines below. */
function nodeAt(document: Document, path: SettingPath): Node | undefined {
  const key = path.at(-1);
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find((item) => isScalar(item.key) && item.key.value === key)
    : undefined;
  const node: unknown = pair ? pair.key : document.getIn(path, true);
  return isNode(node) ? node : undefined;
}
