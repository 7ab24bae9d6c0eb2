import type { z } from "zod";
import type { MappingKind } from "../../src/domain/records.ts";
import { describeRecord } from "../../src/mapping/describe-record.ts";

/** Correct records in which together every field of every record stands; a test checks that. */
export const goodRecords: [MappingKind, unknown][] = [
  [
    "contact",
    {
      name: "Amina",
      phone: "+254700000001",
      email: "amina@example.org",
      language: "sw",
      organisation: "City",
      custom: { ward: "12", floor: 3, member: true, note: null },
    },
  ],
  [
    "ticket",
    {
      subject: "Pump",
      description: "It is broken",
      queue: "Water",
      priority: "high",
      assignee: "sam",
      tags: ["whatsapp", "water"],
      skills: ["Hindi"],
      due: { firstAnswer: "2026-11-23T09:00:00Z", solution: "2026-11-27T17:00:00+05:30" },
      custom: { ward: "12" },
    },
  ],
  [
    "route",
    {
      queue: "Water",
      priority: "urgent",
      assignee: "sam",
      tags: ["water"],
      skills: ["Hindi"],
      due: { firstAnswer: "2026-11-23T09:00:00Z", solution: "2026-11-27T17:00:00Z" },
    },
  ],
  ["comment", { body: "The pump is broken", visibility: "internal" }],
  [
    "confirmation",
    {
      template: {
        name: "ticket_solved",
        language: "en",
        body: ["Pump", "12"],
        header: "City",
        buttons: [{ type: "quick_reply", index: 0, value: "yes" }],
      },
      fallback: [{ text: "Solved" }, { reaction: "👍" }],
    },
  ],
  [
    "confirmation",
    {
      template: {
        name: "ticket_solved",
        language: "en",
        body: { subject: "Pump" },
        header: { place: "City" },
        headerMedia: { type: "image", link: "https://example.org/a.png", fileName: "a.png" },
      },
    },
  ],
  ["confirmation", { text: "Solved", fallback: { template: { name: "solved", language: "en" } } }],
  [
    "confirmation",
    { reaction: "👍", fallback: [{ interactive: { type: "location_request", text: "Where?" } }] },
  ],
  ["confirmation", question({ type: "buttons", buttons: [{ id: "y", title: "Yes" }] })],
  [
    "confirmation",
    question({
      type: "list",
      button: "Choose",
      sections: [{ title: "Wards", rows: [{ id: "w12", title: "Ward 12", description: "North" }] }],
    }),
  ],
  ["confirmation", question({ type: "link", label: "Open", url: "https://example.org/12" })],
  ["confirmation", { interactive: { type: "location_request", text: "Where is it?" } }],
  ["confirmation", { interactive: { type: "contact_request", text: "Who are you?" } }],
];

function question(own: object): object {
  return { interactive: { ...own, text: "Is it solved?", header: "Pump", footer: "City" } };
}

type Path = (string | number)[];

/** A mapping file whose record is wrong in one place. */
export interface WrongRecord {
  kind: MappingKind;
  /** What is wrong, for the reader. */
  what: string;
  source: string;
  /** Of the field at fault, as errors show it. */
  path: string;
  /** Line of the field; of a missing one, of what it is missing in. */
  line: number;
  /** Line of the outermost field around it: where several have its name, that far up the error may point. */
  topLine: number;
  /** The error can point at the expression only: JSONata itself refuses it. */
  byExpression?: true;
}

type Schema = z.core.JSONSchema.JSONSchema;

/** The fields that a record may have: `due.solution`, `template.buttons[].type`. */
export function fieldsOfSchema(kind: MappingKind): Set<string> {
  const found = new Set<string>();
  const walk = (schema: Schema, shown: string): void => {
    for (const branch of branchesOf(schema)) {
      for (const [key, inner] of Object.entries(branch.properties ?? {})) {
        const path = shown === "" ? key : `${shown}.${key}`;
        found.add(path);
        walk(inner as Schema, path);
      }
      if (branch.items) walk(branch.items as Schema, `${shown}[]`);
    }
  };
  walk(describeRecord(kind) as Schema, "");
  return found;
}

/** The same of a record. */
export function fieldsOfRecord(record: unknown, shown = ""): string[] {
  if (typeof record !== "object" || record === null) return [];
  return Object.entries(record).flatMap(([key, value]) => {
    const path = Array.isArray(record) ? `${shown}[]` : shown === "" ? key : `${shown}.${key}`;
    return [path, ...fieldsOfRecord(value, path)];
  });
}

/** Every way of going wrong at every place of a record. */
export function wrongRecords(kind: MappingKind, record: unknown): WrongRecord[] {
  const root = describeRecord(kind) as Schema;
  return pathsOf(record).flatMap((path) => {
    const schemas = schemasAt(root, path);
    const isItem = typeof path.at(-1) === "number";
    return wrongValues(schemas, valueAt(record, path), isItem).map(({ below = [], atTop, ...wrong }) => {
      const at = [...path, ...below];
      return toCase({ kind, record, path, at: atTop ? at.slice(0, 1) : at, ...wrong });
    });
  });
}

interface Wrong {
  what: string;
  /** JSONata in place of the value. */
  expression: string;
  /** The way from the value to what is at fault in it. */
  below?: Path;
  /** The outermost field is named: the way to what is at fault would be too long. */
  atTop?: true;
  byExpression?: true;
}

const jsonTypes: [type: string, expression: string][] = [
  ["string", `"canary"`],
  ["number", "4711"],
  ["number", "-0.5"],
  ["boolean", "true"],
  ["boolean", "false"],
  ["null", "null"],
  ["array", "[]"],
  ["array", `["canary", "canary"]`],
  ["array", "[[4711]]"],
  ["object", "{}"],
  ["object", `{"canary": {"canary": [4711]}}`],
];

function wrongValues(schemas: Schema[], value: unknown, isItem: boolean): Wrong[] {
  return [
    ...wrongTypes(schemas),
    // Inside a list, JSONata makes more items of a sequence.
    ...wrongTexts(schemas).filter(({ what }) => !isItem || what !== "a sequence"),
    ...wrongLists(schemas),
    ...wrongFields(schemas, value),
    { what: "a function", expression: "$sum" },
    { what: "a lambda", expression: "function($x) { $x }" },
    { what: "a pattern", expression: '{"a": /x/}.a' },
    { what: "a list with a function in it", expression: "[[$sum]]", below: [0, 0] },
    { what: "an infinite sum", expression: "$sum([1e308, 1e308])" },
    { what: "a division by zero", expression: "1 / 0" },
    { what: "what is no number", expression: `$number("canary")`, byExpression: true },
    { what: "20 levels", expression: `${'{"a": '.repeat(20)}1${"}".repeat(20)}`, below: ["a"], atTop: true },
  ];
}

function wrongTypes(schemas: Schema[]): Wrong[] {
  const allowed = new Set(schemas.flatMap(typesOf));
  return jsonTypes
    .filter(([type]) => !allowed.has(type))
    .map(([type, expression]) => ({ what: `${type} ${expression}`, expression }));
}

function wrongTexts(schemas: Schema[]): Wrong[] {
  const texts = schemas.filter((schema) => typesOf(schema).includes("string"));
  // Where something else may stand too, a text is judged by what else is allowed.
  if (texts.length === 0 || texts.length < schemas.length) return [];
  const longest = Math.max(...texts.map(({ maxLength }) => maxLength ?? Number.POSITIVE_INFINITY));
  const wrong: Wrong[] = [{ what: "a sequence", expression: `[1..3].("canary" & $)` }];
  if (Number.isFinite(longest))
    wrong.push({ what: "a text too long", expression: `$pad("", ${longest + 1}, "x")` });
  if (texts.every(({ minLength = 0, enum: of, format }) => minLength > 0 || of || format))
    wrong.push({ what: "an empty text", expression: `""` });
  if (texts.every(({ enum: of, const: only, format }) => of || only !== undefined || format))
    wrong.push({ what: "a text that is none of those", expression: `"canary"` });
  return wrong;
}

function wrongLists(schemas: Schema[]): Wrong[] {
  const list = schemas.find((schema) => schema.type === "array");
  if (!list || schemas.length > 1) return [];
  const wrong: Wrong[] = [
    { what: "a list of one that JSONata unwrapped", expression: `["canary", "b"][$ = "canary"]` },
  ];
  if (list.maxItems) wrong.push({ what: "too many", expression: `[1..${list.maxItems + 1}].("x" & $)` });
  return wrong;
}

function wrongFields(schemas: Schema[], value: unknown): Wrong[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const strict = schemas.filter(({ additionalProperties }) => additionalProperties === false);
  if (strict.length === 0) return [];
  const rest = (without?: string) => Object.entries(value).filter(([key]) => key !== without);
  const written = (entries: [string, unknown][]) => JSON.stringify(Object.fromEntries(entries), null, 1);
  const needed = Object.keys(value).filter((key) => strict.every((schema) => isNeeded(schema, key)));
  return [
    { what: "a surplus field", expression: written([...rest(), ["surplus", "canary"]]), below: ["surplus"] },
    ...needed.flatMap((key) => [
      { what: `no ${key}`, expression: written(rest(key)), below: [key] },
      {
        what: `nothing as ${key}`,
        expression: written(rest(key)).replace(/\}$/, `, "${key}": no.such}`),
        below: [key],
      },
    ]),
  ];
}

function isNeeded({ required, properties }: Schema, key: string): boolean {
  const property = properties?.[key];
  return !!required?.includes(key) && !(typeof property === "object" && "default" in property);
}

const MARK = '"@@@"';

function toCase(made: {
  kind: MappingKind;
  record: unknown;
  path: Path;
  at: Path;
  what: string;
  expression: string;
  byExpression?: true;
}): WrongRecord {
  const { kind, record, path, at, what, expression, byExpression } = made;
  const text = JSON.stringify(replaceAt(record, path, "@@@"), null, 2);
  const source = text.replace(MARK, () => expression);
  const line = text.slice(0, text.indexOf(MARK)).split("\n").length;
  const top = path.find((step) => typeof step === "string");
  const topLine =
    top === undefined ? 1 : source.split("\n").findIndex((each) => each.startsWith(`  "${top}"`)) + 1;
  const lastLine = line + expression.split("\n").length - 1;
  const shown = at.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return {
    kind,
    what: `${kind}: ${shown.replace(/^\./, "") || "the record"}: ${what}`,
    source,
    path: shown.replace(/^\./, ""),
    line: lastLine,
    topLine,
    ...(byExpression ? { byExpression } : {}),
  };
}

function branchesOf(schema: Schema): Schema[] {
  const parts = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  return parts ? parts.flatMap(branchesOf) : [schema];
}

function schemasAt(root: Schema, path: Path): Schema[] {
  let found = branchesOf(root);
  for (const step of path) {
    found = found.flatMap((schema) => {
      const inner =
        typeof step === "number"
          ? schema.items
          : (schema.properties?.[step] ?? (schema.properties ? undefined : schema.additionalProperties));
      return typeof inner === "object" ? branchesOf(inner as Schema) : [];
    });
  }
  return found;
}

function typesOf({ type, const: only, enum: of }: Schema): string[] {
  if (type === "integer") return ["number"];
  if (type !== undefined) return Array.isArray(type) ? type : [type];
  return [only, ...(of ?? [])].filter((value) => value !== undefined).map((value) => typeof value);
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const steps = Object.keys(value).map((key) => (Array.isArray(value) ? Number(key) : key));
  return [path, ...steps.flatMap((step) => pathsOf(valueAt(value, [step]), [...path, step]))];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], value);
}

function replaceAt(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[step] = replaceAt(copy[step], rest, by);
  return copy;
}
