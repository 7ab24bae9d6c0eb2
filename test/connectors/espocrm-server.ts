import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { StaffFile } from "deskferry/sdk/testing";

/**
 * EspoCRM on loopback, by its documentation and its public source (8.2 to 9.3): no description of the API is kept beside
 * the tests. What it does not know in a record it drops without a word, what it does not know in a filter it refuses.
 */
export const API_KEY = "espocrm-api-key-0123456789abcdef";
export const ACCOUNT = "6740c0ffee0000001";
export const AGENT = "6740c0ffee0000002";
export const PORTAL_USER = "6740c0ffee0000003";
export const TEAM = { id: "6740c0ffee0000010", name: "Street lights" };

export interface EspocrmOptions {
  /** Whether the administrator made our field; EspoCRM puts the c before the name. */
  hasField?: boolean;
  /** Names of cases hold no < > = as installed; an administrator can lift that. */
  namePattern?: boolean;
  /** False: as a version might that knows no filters in streams. */
  filtersStream?: boolean;
  /** Types that the field Attachments of Note is limited to. */
  accept?: string[];
}

type Row = Record<string, unknown> & { id: string };
interface File extends Row {
  name: string;
  type: string;
  bytes: Buffer;
}
interface Where {
  type: string;
  attribute?: string;
  value?: unknown;
}
interface Search {
  where?: Where[];
  select?: string[];
  maxSize?: number;
  offset?: number;
}

/** Thrown by routes; EspoCRM tells the reason in a header and leaves the body empty, as a rule. */
class Refusal extends Error {
  readonly status: number;
  readonly body: string;

  constructor(status: number, reason: string, body = "") {
    super(reason);
    this.status = status;
    this.body = body;
  }
}

/** MariaDB's usual collation knows no difference between small and capital letters. */
const same = (one: unknown, other: unknown) =>
  one !== null && String(one).toLowerCase() === String(other).toLowerCase();

const whereTypes: Record<string, (held: unknown, value: unknown) => boolean> = {
  equals: same,
  in: (held, value) => (value as unknown[]).some((each) => same(held, each)),
  isNotNull: (held) => held !== null,
  contains: (held, value) => String(held).toLowerCase().includes(String(value).toLowerCase()),
  greaterThan: (held, value) => Number(held) > Number(value),
  lessThanOrEquals: (held, value) => Number(held) <= Number(value),
};

const ATTRIBUTES: Record<string, string[]> = {
  Contact: ["id", "name", "firstName", "lastName", "phoneNumber", "emailAddress", "createdById"],
  Case: [
    ...["id", "name", "number", "status", "priority", "description", "contactId", "contactsIds", "teamsIds"],
    ...["assignedUserId", "assignedUserName", "createdById", "cDistrict"],
  ],
  Note: ["id", "number", "type", "post", "data", "parentId", "parentType", "isInternal", "createdById"],
  User: ["id", "name", "userName", "type"],
  Team: ["id", "name"],
};
/** Of records in one answer. */
const MAX_SIZE = 200;
const STATUSES = ["New", "Assigned", "Pending", "Closed", "Rejected", "Duplicate"];
const PRIORITIES = ["Low", "Normal", "High", "Urgent"];

export type Espocrm = Awaited<ReturnType<typeof startEspocrm>>;

export async function startEspocrm(options: EspocrmOptions = {}) {
  const { hasField = true, namePattern = false, filtersStream = true, accept } = options;
  const tables: Record<string, Row[]> = {
    Contact: [],
    Case: [],
    Note: [],
    // Users of portals are shown to nobody without the portal permission.
    User: [
      { id: ACCOUNT, name: "Deskferry", userName: "deskferry", type: "api" },
      { id: AGENT, name: "Ann Agent", userName: "ann", type: "regular" },
    ],
    Team: [TEAM],
  };
  const files = new Map<string, File>();
  const calls: { method: string; path: string; query: URLSearchParams }[] = [];
  let notes = 0;
  const table = (name: string) => tables[name] ?? [];
  const newId = () => randomBytes(9).toString("hex").slice(0, 17);
  const attributesOf = (type: string) => [
    ...(ATTRIBUTES[type] ?? []),
    ...(hasField && (type === "Case" || type === "Contact") ? ["cDeskferryId"] : []),
  ];

  function found(type: string, id: string | undefined): Row {
    const row = table(type).find((each) => each.id === id);
    if (!row) throw new Refusal(404, `Record ${id} not found.`);
    return row;
  }

  function note(author: string, given: Record<string, unknown>): Row {
    const createdAt = new Date().toISOString().slice(0, 19).replace("T", " ");
    const row = { id: newId(), number: ++notes, isInternal: false, createdAt, createdById: author, ...given };
    table("Note").push(row);
    return row;
  }

  function setStatus(row: Row, author: string, status: string): void {
    if (row["status"] === status) return;
    row["status"] = status;
    const data = { field: "status", value: status, style: "default" };
    note(author, { type: "Status", data, parentType: "Case", parentId: row.id });
  }

  /** The first field that does not fit is named. */
  function validate(type: string, row: Row): void {
    const text = (name: string) => String(row[name] ?? "");
    const among = (name: string, all: string[]) => row[name] === undefined || all.includes(text(name));
    const names = type === "Case" ? ["name"] : ["firstName", "lastName"];
    const most = type === "Case" ? 249 : 100;
    const rules: [field: string, kind: string, holds: boolean][] = [
      ...names.flatMap((name): [string, string, boolean][] => [
        [name, "required", name === "firstName" || text(name) !== ""],
        [name, "maxLength", Array.from(text(name)).length <= most],
        [name, "pattern", !namePattern || !/[<>=]/.test(text(name))],
      ]),
      ["phoneNumber", "valid", /^(\+[1-9]\d{6,14})?$/.test(text("phoneNumber"))],
      ["status", "valid", among("status", STATUSES)],
      ["priority", "valid", among("priority", PRIORITIES)],
    ];
    const [field, kind] = rules.find(([, , holds]) => !holds) ?? [];
    if (!field) return;
    throw new Refusal(400, `Field validation failure; entityType: ${type}, field: ${field}, type: ${kind}.`);
  }

  function save(type: string, row: Row, given: Record<string, unknown>): Row {
    const known = attributesOf(type);
    const next: Row = { ...row };
    for (const [name, value] of Object.entries(given)) if (known.includes(name)) next[name] = value;
    validate(type, next);
    if (type === "Contact") next["name"] = [next["firstName"], next["lastName"]].filter(Boolean).join(" ");
    return next;
  }

  function create(type: string, given: Record<string, unknown>, headers: IncomingMessage["headers"]): Row {
    if (type === "Note") return postNote(given);
    const start = { id: newId(), createdById: ACCOUNT };
    const defaults = { ...start, number: table("Case").length + 1, status: "New", priority: "Normal" };
    const made = save(type, type === "Case" ? defaults : start, given);
    const twins = table("Contact").filter((each) => each["name"] === made["name"]);
    if (type === "Contact" && twins.length > 0 && headers["x-skip-duplicate-check"] !== "true")
      throw new Refusal(409, "duplicate", JSON.stringify(twins));
    table(type).push(made);
    if (type === "Case")
      note(ACCOUNT, { type: "Create", data: { statusValue: "New" }, parentType: "Case", parentId: made.id });
    return made;
  }

  function postNote(given: Record<string, unknown>, author = ACCOUNT): Row {
    const { parentId, parentType, post, isInternal = false, attachmentsIds = [] } = given;
    if (!table("Case").some(({ id }) => id === parentId)) throw new Refusal(403, "No access to parent.");
    const ids = (attachmentsIds as string[]).filter((id) => files.has(id));
    const attachmentsNames = Object.fromEntries(ids.map((id) => [id, files.get(id)?.name]));
    const more = { data: {}, parentId, parentType, post, isInternal, attachmentsIds: ids, attachmentsNames };
    return note(author, { type: "Post", ...more });
  }

  function upload({ name, type, file, role, parentType, field }: Record<string, unknown>): Row {
    if (role !== "Attachment" || parentType !== "Note" || field !== "attachments")
      throw new Refusal(403, `Field '${String(field)}' does not exist.`);
    if (accept && !accept.includes(String(type))) throw new Refusal(403, "Not allowed file type.");
    const [, content] = /^data:[^,]*;base64,(.+)$/s.exec(String(file)) ?? [];
    if (content === undefined) throw new Refusal(400, "No file contents.");
    const bytes = Buffer.from(content, "base64");
    const made = { id: newId(), name: String(name), type: String(type), bytes };
    files.set(made.id, made);
    return { id: made.id, name: made.name, type: made.type, size: bytes.length };
  }

  function matches(type: string, row: Row, item: Where): boolean {
    const { attribute = "", value } = item;
    if (item.type === "or") return (value as Where[]).some((each) => matches(type, row, each));
    if (!attributesOf(type).includes(attribute))
      throw new Refusal(400, `Not existing attribute '${attribute}' in where.`);
    const test = whereTypes[item.type];
    if (!test) throw new Refusal(400, "Unknown where item type");
    return test(row[attribute] ?? null, value);
  }

  function list(type: string, rows: Row[], search: Search) {
    const { where = [], maxSize = MAX_SIZE, offset = 0, select } = search;
    if (maxSize > MAX_SIZE)
      throw new Refusal(403, `Max size should not exceed ${MAX_SIZE}. Use offset and limit.`);
    // Filters are judged also where there is nothing to filter.
    const nothing: Row = { id: "" };
    for (const item of where) matches(type, nothing, item);
    const all = rows.filter((row) => where.every((item) => matches(type, row, item)));
    const page = all.slice(offset, offset + maxSize);
    const shown = select
      ? page.map((row) => Object.fromEntries(["id", ...select].map((name) => [name, row[name] ?? null])))
      : page;
    return { total: all.length, list: shown };
  }

  const newestFirst = () => [...table("Note")].reverse();

  function fileOf(id: string | undefined): File {
    const file = files.get(id ?? "");
    if (!file) throw new Refusal(404, "");
    return file;
  }

  function globalStream({ search }: Call) {
    if (search.offset) throw new Refusal(400, "Offset is not supported.");
    const { where: _, ...rest } = search;
    return { ...list("Note", newestFirst(), filtersStream ? search : rest), total: -2 };
  }

  function streamOf(type: string, id: string | undefined, { search }: Call) {
    found(type, id);
    const rows = newestFirst().filter((row) => row["parentId"] === id);
    const { where: _, ...rest } = search;
    return list("Note", rows, filtersStream ? search : rest);
  }

  function update(type: string, id: string | undefined, { json }: Call): Row {
    const row = found(type, id);
    const before = row["status"];
    const next = save(type, row, json);
    Object.assign(row, next, type === "Case" ? { status: before } : {});
    if (type === "Case") setStatus(row, ACCOUNT, String(next["status"]));
    return row;
  }

  const routes: Record<string, (call: Call) => unknown> = {
    "GET App/user": () => ({ user: found("User", ACCOUNT), acl: {}, preferences: {} }),
    "GET Attachment/file": ({ parts }) => fileOf(parts[2]),
    "POST Attachment": ({ json }) => upload(json),
    "GET GlobalStream": globalStream,
  };
  const ofRecords: Record<string, (type: string, id: string | undefined, call: Call) => unknown> = {
    POST: (type, _, { json, headers }) => create(type, json, headers),
    PUT: update,
    GET(type, id, call) {
      if (call.parts[2] === "stream") return streamOf(type, id, call);
      return id === undefined ? list(type, table(type), call.search) : found(type, id);
    },
  };

  function answer(call: Call): unknown {
    const { method, parts } = call;
    const route = routes[`${method} ${parts.slice(0, 2).join("/")}`];
    if (route) return route(call);
    const [type = "", id] = parts;
    const run = type in tables && ofRecords[method];
    if (!run) throw new Refusal(404, "");
    return run(type, id, call);
  }

  async function callOf(request: IncomingMessage): Promise<Call> {
    const { method = "", headers } = request;
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const body = (await bytesOf(request)).toString();
    calls.push({ method, path: pathname, query: searchParams });
    const [, api, version, ...parts] = pathname.split("/").map(decodeURIComponent);
    if (api !== "api" || version !== "v1") throw new Refusal(404, "");
    if (headers["x-api-key"] !== API_KEY) throw new Refusal(401, "");
    const search = JSON.parse(searchParams.get("searchParams") ?? "{}") as Search;
    const json = JSON.parse(body || "{}") as Record<string, unknown>;
    return { method, parts, search, json, headers };
  }

  const server = createServer(async (request, response) => {
    try {
      send(response, answer(await callOf(request)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.writeHead(error.status, error.message ? { "X-Status-Reason": error.message } : {});
      response.end(error.body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tables,
    files,
    calls,
    /** By somebody else than the connector's account. */
    post(
      caseId: string,
      text: string,
      more: { author?: string; isInternal?: boolean; files?: StaffFile[] } = {},
    ) {
      const attachmentsIds = (more.files ?? []).map(({ name, mimeType, bytes }) => {
        const id = newId();
        files.set(id, { id, name, type: mimeType, bytes });
        return id;
      });
      const given = { parentId: caseId, parentType: "Case", post: text, attachmentsIds };
      return postNote({ ...given, isInternal: more.isInternal ?? false }, more.author ?? AGENT);
    },
    note,
    setStatus: (caseId: string, status: string) => setStatus(found("Case", caseId), AGENT, status),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Call {
  method: string;
  /** Of the path behind the version. */
  parts: string[];
  search: Search;
  json: Record<string, unknown>;
  headers: IncomingMessage["headers"];
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, result: unknown): void {
  const file = result as Partial<File>;
  if (Buffer.isBuffer(file.bytes)) {
    response.writeHead(200, { "Content-Type": file.type, "Content-Length": file.bytes.length });
    response.end(file.bytes);
    return;
  }
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(result));
}
