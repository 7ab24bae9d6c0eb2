/** As much of SOQL as the connector uses; anything else is refused as malformed. */
export type Row = Record<string, unknown>;

export class SoqlError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const FORM =
  /^SELECT (?<fields>[\w., ]+) FROM (?<object>\w+)(?: WHERE (?<where>.+?))?(?: ORDER BY (?<order>[\w., ]+?))?(?: LIMIT (?<limit>\d+))?$/s;
const CONDITION = /^(?<field>[\w.]+) (?<operator>=|!=|>=|IN) (?<value>.+)$/s;

export interface Query {
  object: string;
  fields: string[];
  matches(row: Row): boolean;
  order: string[];
  limit: number;
}

export function parseSoql(soql: string): Query {
  const { fields = "", object = "", where, order, limit } = FORM.exec(soql)?.groups ?? {};
  if (object === "") throw new SoqlError("MALFORMED_QUERY", "unexpected token");
  const conditions = where === undefined ? [] : splitOutsideTexts(where, " AND ").map(conditionOf);
  return {
    object,
    fields: fields.split(",").map((field) => field.trim()),
    matches: (row) => conditions.every((condition) => condition(row)),
    order: order?.split(",").map((field) => field.trim()) ?? [],
    limit: limit === undefined ? Number.POSITIVE_INFINITY : Number(limit),
  };
}

/** The value behind `Parent.Owner.Name`; undefined where a part of the way is not there. */
export function valueAt(row: Row, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (value as Row | null | undefined)?.[name], row);
}

function conditionOf(text: string): (row: Row) => boolean {
  const { field = "", operator, value = "" } = CONDITION.exec(text)?.groups ?? {};
  if (operator === "IN") {
    const wanted = splitOutsideTexts(value.slice(1, -1), ",").map((each) => literalOf(each.trim()));
    return (row) => wanted.includes(valueAt(row, field));
  }
  const wanted = literalOf(value);
  if (operator === "!=") return (row) => (valueAt(row, field) ?? null) !== wanted;
  if (operator === ">=") return (row) => Date.parse(String(valueAt(row, field))) >= Number(wanted);
  if (operator !== "=") throw new SoqlError("MALFORMED_QUERY", `unexpected token: '${text}'`);
  // Texts are compared without regard to capitals, but in fields that make a difference.
  const compared = (given: unknown) =>
    typeof given === "string" && field !== "Deskferry_Id__c" ? given.toLowerCase() : given;
  return (row) => compared(valueAt(row, field)) === compared(wanted);
}

function literalOf(text: string): unknown {
  if (text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return Date.parse(text);
  const inside = /^'((?:[^'\\]|\\.)*)'$/s.exec(text)?.[1];
  if (inside === undefined) throw new SoqlError("MALFORMED_QUERY", "unexpected token");
  const names: Record<string, string> = { n: "\n", r: "\r", t: "\t" };
  return inside.replace(/\\(.)/gs, (_, letter: string) => names[letter] ?? letter);
}

function splitOutsideTexts(text: string, separator: string): string[] {
  const parts: string[] = [];
  let inText = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === "'") inText = !inText;
    else if (!inText && text.startsWith(separator, index)) {
      parts.push(text.slice(start, index));
      start = index + separator.length;
    }
  }
  return [...parts, text.slice(start)];
}
