import { closest } from "../domain/did-you-mean.ts";
import { compileRegex } from "./regex.ts";

/** Why an expression may not run. `reason` ends with the remedy; `position` is an offset in the source. */
interface Refusal {
  reason: string;
  position?: number;
}

/** Bounds of a file's syntax tree, a hundred times what the starter mappings need. */
const MAX_NODES = 20_000;
const MAX_NESTING = 200;

/** JSONata's own functions that mapping files may call. docs/safe-jsonata.md says why the others may not be. */
export const jsonataFunctions: readonly string[] = (
  "abs append assert average base64decode base64encode boolean ceil contains count decodeUrl decodeUrlComponent " +
  "distinct each encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber " +
  "fromMillis join keys length lookup lowercase map match max merge millis min not now number pad parseInteger power " +
  "random reduce replace reverse round shuffle sift single sort split spread sqrt string substring substringAfter " +
  "substringBefore sum toMillis trim type uppercase zip"
).split(" ");

/** Never, not even as a name of the mapping's own. */
const switchedOff: Record<string, string> = {
  eval: "what a person wrote must never become code. Write the expression itself",
  clone: "it copies what cannot be changed anyway. Leave it out",
};

const allowedNodes = new Set(
  (
    "apply binary bind block condition descendant filter function index lambda name number operator parent partial " +
    "path regex sort string unary value variable wildcard"
  ).split(" "),
);

/** What JavaScript keeps behind the back of an object. */
const HIDDEN = /^__.*__$/;

interface Node {
  type?: unknown;
  value?: unknown;
  position?: unknown;
}

/**
 * Looks at every node of a syntax tree before anything is evaluated: kinds of nodes, functions, names, patterns, size.
 * `own` are the functions that we add. The first thing that is not allowed is named.
 */
export function refusalOf(ast: unknown, own: readonly string[]): Refusal | undefined {
  const nodes: Node[] = [];
  const seen = new Set<unknown>();
  let level: unknown[] = [ast];
  for (let nesting = 0; level.length > 0; nesting += 1) {
    const fresh = level.filter((item) => isObject(item) && !seen.has(item) && seen.add(item)) as Node[];
    nodes.push(...fresh.filter((node) => typeof node.type === "string"));
    const last = nodes.at(-1);
    if (nodes.length > MAX_NODES)
      return refusal(`the file has more than ${MAX_NODES} parts. Divide it`, last);
    // Lists and pairs between two nodes count as levels too.
    if (nesting > 3 * MAX_NESTING) {
      return refusal(`the expression is nested deeper than ${MAX_NESTING} levels. Make it flat`, last);
    }
    level = fresh.flatMap((node) => (node.value instanceof RegExp ? [] : Object.values(node)));
  }
  const known = new Set(["", "$", ...jsonataFunctions, ...own, ...namesBoundIn(seen)]);
  const inOrder = nodes.sort((a, b) => positionOf(a) - positionOf(b));
  for (const node of inOrder) {
    const reason = reasonAgainst(node, known);
    if (reason) return refusal(reason, node);
  }
  return undefined;
}

function reasonAgainst(node: Node, known: ReadonlySet<string>): string | undefined {
  const { type, value } = node;
  if (type === "transform")
    return "the transform operator ~> |…|…| is not allowed. Build a new object with { }";
  if (!allowedNodes.has(String(type)))
    return `"${String(type)}" is not allowed in mapping files. Leave it out`;
  if (type === "regex" && value instanceof RegExp && !compileRegex(value)) return NOT_LINEAR;
  if ((type === "name" || type === "string") && HIDDEN.test(String(value))) {
    return `the name ${String(value)} is not allowed. Use another one`;
  }
  return type === "variable" ? reasonAgainstName(String(value), known) : undefined;
}

const NOT_LINEAR =
  "the regular expression uses something that cannot run in linear time (a back reference or a look-ahead). Write it without";

function reasonAgainstName(name: string, known: ReadonlySet<string>): string | undefined {
  if (Object.hasOwn(switchedOff, name))
    return `$${name} is switched off in mapping files: ${switchedOff[name]}`;
  if (known.has(name)) return undefined;
  const meant = closest(name, [...known]);
  const remedy = meant
    ? `Did you mean $${meant}?`
    : "Set it before with :=, or see docs/write-a-mapping.md for all functions";
  return `there is no function or variable $${name}. ${remedy}`;
}

/** Names that the file itself gives: by `:=`, as parameter, by `@` and `#`. Where they are visible is not looked at. */
function namesBoundIn(objects: Iterable<unknown>): string[] {
  const names: string[] = [];
  for (const item of objects) {
    const node = item as Record<string, unknown>;
    if (node["type"] === "bind") names.push(nameOf(node["lhs"]));
    if (node["type"] === "lambda") names.push(...(node["arguments"] as unknown[]).map(nameOf));
    if (node["type"] === "index") names.push(nameOf(node));
    for (const key of ["focus", "index"]) if (typeof node[key] === "string") names.push(node[key]);
  }
  return names;
}

function nameOf(node: unknown): string {
  return String((node as Node).value);
}

function refusal(reason: string, node: Node | undefined): Refusal {
  const position = node === undefined ? 0 : positionOf(node);
  return position > 0 ? { reason, position } : { reason };
}

/** JSONata counts to the end of the token; 0 when it does not know. */
function positionOf({ position }: Node): number {
  return typeof position === "number" ? position : 0;
}

function isObject(item: unknown): boolean {
  return typeof item === "object" && item !== null;
}
