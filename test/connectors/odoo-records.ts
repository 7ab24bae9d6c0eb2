import { type Application, modelsOf } from "./odoo-models.ts";

export type Row = Record<string, unknown> & { id: number };
export type Context = Record<string, unknown>;

/** A Python exception, by its full name. */
export class Fault extends Error {
  readonly exception: string;
  constructor(exception: string, message: string) {
    super(message);
    this.exception = exception;
  }
}

export const userError = (message: string) => new Fault("odoo.exceptions.UserError", message);
export const valueError = (message: string) => new Fault("builtins.ValueError", message);
const missing = (model: string, id: number) =>
  new Fault(
    "odoo.exceptions.MissingError",
    `Record does not exist or has been deleted. (Record: ${model}(${id},))`,
  );

/** `false` stands for an empty field. */
const operators: Record<string, (values: unknown[], wanted: unknown) => boolean> = {
  "=": (values, wanted) => (wanted === false ? values.length === 0 : values.includes(wanted)),
  "!=": (values, wanted) => (wanted === false ? values.length > 0 : !values.includes(wanted)),
  in: (values, wanted) => values.some((value) => (wanted as unknown[]).includes(value)),
  "not in": (values, wanted) => !values.some((value) => (wanted as unknown[]).includes(value)),
  ">=": ([value], wanted) => String(value ?? "").slice(0, 19) >= String(wanted),
};

/** The order of files, also among those of a message. */
const newestFirst = (left: number, right: number) => right - left;

interface Field {
  kind: string;
  other: string;
  needed: boolean;
  values: string[];
}

function fieldOf(text: string): Field {
  const needed = text.endsWith("!");
  const [kind = "", other = ""] = text.replace("!", "").split(":");
  return { kind, other, needed, values: kind === "selection" ? other.split(",") : [] };
}

/** What the ORM does with records: domains, defaults, access rights, and answers in its own shapes. */
export function createRecords(application: Application, now: () => number) {
  const tables = new Map<string, { fields: Map<string, Field>; rows: Map<number, Row> }>();
  for (const [model, given] of Object.entries(modelsOf(application))) {
    const fields = new Map(
      Object.entries({ id: "integer", ...given }).map(([name, text]) => [name, fieldOf(text)]),
    );
    tables.set(model, { fields, rows: new Map() });
  }
  /** `model/operation` that ordinary users may not do. */
  const denied = new Set<string>();
  /** Records that our account may not read. */
  const hidden = new Set<number>();
  let serial = 100;

  const time = () => new Date(now()).toISOString().slice(0, 19).replace("T", " ");

  function tableOf(model: string) {
    const table = tables.get(model);
    if (!table) throw userError(`Object ${model} doesn't exist`);
    return table;
  }

  function checkAccess(model: string, operation: string) {
    tableOf(model);
    if (!denied.has(`${model}/${operation}`)) return;
    throw new Fault(
      "odoo.exceptions.AccessError",
      `You are not allowed to ${operation} '${model}' records for Dan Desk`,
    );
  }

  function rowOf(model: string, id: number): Row {
    const row = tableOf(model).rows.get(id);
    if (!row) throw missing(model, id);
    return row;
  }

  function leaf(model: string, row: Row, [name, operator, wanted]: [string, string, unknown]): boolean {
    if (!tableOf(model).fields.has(name)) {
      throw valueError(`Invalid field ${model}.${name} in leaf ('${name}', '${operator}', ${wanted})`);
    }
    const values = [row[name] ?? false].flat().filter((value) => value !== false && value !== "");
    const test = operators[operator];
    if (!test) throw valueError(`Invalid operator ${operator}`);
    return test(values, wanted);
  }

  /** In Polish notation, joined by AND. */
  function matches(model: string, row: Row, domain: unknown[]): boolean {
    const stack: boolean[] = [];
    for (const part of [...domain].reverse()) {
      if (part === "|") stack.push([stack.pop(), stack.pop()].includes(true));
      else stack.push(leaf(model, row, part as [string, string, unknown]));
    }
    return stack.every(Boolean);
  }

  function search(
    model: string,
    {
      domain = [],
      order = "id",
      limit,
      offset = 0,
    }: { domain?: unknown[]; order?: string; limit?: number; offset?: number },
    context: Context,
  ): Row[] {
    checkAccess(model, "read");
    const { fields, rows } = tableOf(model);
    const hidesArchived = fields.has("active") && context["active_test"] !== false;
    const found = [...rows.values()].filter(
      (row) => !(hidesArchived && row["active"] === false) && matches(model, row, domain),
    );
    const [name = "id", direction] = order.split(",")[0]?.split(" ") ?? [];
    found.sort(
      (left, right) =>
        (Number(left[name]) - Number(right[name]) || left.id - right.id) * (direction ? -1 : 1),
    );
    // Whether a message may be read is looked at after the limit.
    return found
      .slice(offset, limit === undefined ? undefined : offset + limit)
      .filter(({ id }) => !hidden.has(id));
  }

  function shown(model: string, row: Row, names: string[]): Record<string, unknown> {
    const answer: Record<string, unknown> = { id: row.id };
    for (const name of names) {
      const field = tableOf(model).fields.get(name);
      if (!field) throw valueError(`Invalid field '${name}' on model '${model}'`);
      answer[name] = valueShown(field, row[name]);
    }
    return answer;
  }

  function valueShown({ kind, other }: Field, value: unknown): unknown {
    if (kind === "many2many") return listed(other, (value ?? []) as number[]);
    if (kind === "integer") return value ?? 0;
    if (!value) return false;
    if (kind === "many2one") return [value, nameOf(other, Number(value))];
    return kind === "binary" ? (value as Buffer).toString("base64") || false : value;
  }

  const nameOf = (model: string, id: number) => String(tables.get(model)?.rows.get(id)?.["name"] ?? "");
  const listed = (model: string, ids: number[]) =>
    [...ids].sort(model === "ir.attachment" ? newestFirst : undefined);

  /** As PostgreSQL and the fields take it. */
  function kept(model: string, name: string, value: unknown): unknown {
    const field = tableOf(model).fields.get(name);
    if (!field) throw valueError(`Invalid field '${name}' on model '${model}'`);
    if (typeof value === "string" && value.includes("\u0000")) {
      throw valueError("A string literal cannot contain NUL (0x00) characters.");
    }
    if (value !== false) refuseWrong(field, `${model}.${name}`, value);
    if (field.kind === "many2many")
      return (value as [number, number, number[]][]).flatMap(([, , ids]) => ids);
    if (field.kind === "html") return sanitized(value);
    return field.kind === "binary" ? Buffer.from(String(value || ""), "base64") : value;
  }

  function refuseWrong({ kind, other, values }: Field, name: string, value: unknown) {
    if (kind === "selection" && !values.includes(String(value))) {
      throw valueError(`Wrong value for ${name}: '${value}'`);
    }
    if (kind === "datetime" && !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(String(value))) {
      throw valueError(`time data '${value}' does not match format '%Y-%m-%d %H:%M:%S'`);
    }
    if (kind === "many2one" && !tableOf(other).rows.has(Number(value))) {
      throw new Fault("odoo.exceptions.ValidationError", "The operation cannot be completed: no such record");
    }
  }

  function sanitized(value: unknown): unknown {
    return typeof value === "string" && value !== "" && !/^<(p|div)\b/.test(value)
      ? `<p>${value}</p>`
      : value;
  }

  function insert(model: string, values: Record<string, unknown>, uid: number): Row {
    const { fields, rows } = tableOf(model);
    const row: Row = { id: ++serial };
    for (const [name, value] of Object.entries(values)) row[name] = kept(model, name, value);
    for (const [name, { needed }] of fields) {
      if (!needed || (row[name] !== undefined && row[name] !== "" && row[name] !== false)) continue;
      throw new Fault(
        "odoo.exceptions.ValidationError",
        `a mandatory field is not set. Field: ${model} (${name})`,
      );
    }
    if (fields.has("create_date"))
      Object.assign(row, { create_date: row["create_date"] ?? time(), create_uid: uid });
    if (fields.has("active")) row["active"] ??= true;
    rows.set(row.id, row);
    return row;
  }

  function update(model: string, id: number, values: Record<string, unknown>): Row {
    const row = rowOf(model, id);
    for (const [name, value] of Object.entries(values)) row[name] = kept(model, name, value);
    return row;
  }

  return {
    denied,
    hidden,
    time,
    tableOf,
    checkAccess,
    rowOf,
    rowsOf: (model: string) => [...tableOf(model).rows.values()],
    search,
    shown,
    insert,
    update,
  };
}
