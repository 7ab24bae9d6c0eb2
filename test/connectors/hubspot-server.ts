import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A HubSpot on loopback, by its public documentation (2026-09): no description of the API is kept beside the tests. */
export const TOKEN = "pat-eu1-0123456789-0123456789";
export const OWNER = { id: "41629779", email: "ann@example.org" };
export const SUPPORT = "0";
export const OTHER = { id: "77", label: "Street lights", stage: "7701" };

export interface HubspotOptions {
  /** How long searches do not show a record in its latest state. HubSpot: "a few moments". */
  indexLagMs?: number;
  /** Calls until 429 is answered, and the policy that its body names; without it there is no limit. */
  calls?: number;
  policyName?: "TEN_SECONDLY_ROLLING" | "DAILY";
  /** A scope without which nothing is allowed. */
  lacks?: string;
  /** A status that is answered to everything. */
  fault?: number;
  /** Properties of tickets and contacts that the account has beside HubSpot's own. */
  properties?: { name: string; hasUniqueValue: boolean }[];
  now?: () => number;
}

type Properties = Record<string, string>;
interface Version {
  value: string;
  timestamp: string;
}
export interface Stored {
  id: string;
  properties: Properties;
  /** Newest first. */
  history: Record<string, Version[]>;
  /** Ids of records by their kind. */
  associated: Record<string, string[]>;
  changedAt: number;
  isArchived: boolean;
}
interface File {
  id: string;
  name: string;
  type: string;
  bytes: Buffer;
}
interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
}
interface Answer {
  status: number;
  body?: unknown;
  bytes?: Buffer;
  headers?: Record<string, string>;
}
const kinds = ["contacts", "tickets", "notes"] as const;
type Kind = (typeof kinds)[number];
interface Input {
  id: string;
  idProperty?: string;
  properties: Record<string, unknown>;
}

const ownProperties: Record<Kind, string[]> = {
  contacts: ["firstname", "lastname", "email", "phone", "company", "hs_language"],
  tickets: [
    "subject",
    "content",
    "hs_pipeline",
    "hs_pipeline_stage",
    "hs_ticket_priority",
    "hubspot_owner_id",
  ],
  notes: ["hs_timestamp", "hs_note_body", "hs_attachment_ids", "hubspot_owner_id"],
};
const OURS = [
  { name: "deskferry_id", hasUniqueValue: true },
  { name: "deskferry_change", hasUniqueValue: false },
  { name: "district", hasUniqueValue: false },
];
const stageOf = (id: string, label: string, displayOrder: number, ticketState = "OPEN") => ({
  id,
  label,
  displayOrder,
  archived: false,
  metadata: { ticketState, isClosed: String(ticketState === "CLOSED") },
});
const PIPELINES = [
  {
    id: OTHER.id,
    label: OTHER.label,
    displayOrder: 1,
    archived: false,
    stages: [stageOf("7702", "Mended", 1, "CLOSED"), stageOf(OTHER.stage, "Dark", 0)],
  },
  {
    id: SUPPORT,
    label: "Support Pipeline",
    displayOrder: 0,
    archived: false,
    stages: [
      stageOf("4", "Solved", 3, "CLOSED"),
      stageOf("1", "New", 0),
      stageOf("2", "Waiting on contact", 1),
      stageOf("3", "Waiting on us", 2),
      stageOf("5", "Closed", 4, "CLOSED"),
    ],
  },
];

function error(status: number, category: string, message: string, more: object = {}): Answer {
  const correlationId = "a43683b0-5717-4ceb-80b4-104d02915d8c";
  return { status, body: { status: "error", message, correlationId, category, ...more } };
}

const notFound = error(404, "OBJECT_NOT_FOUND", "resource not found");

/** As HubSpot writes it: a list within the message. */
function invalid(name: string, code: string, message: string): Answer {
  const list = JSON.stringify([{ isValid: false, message, error: code, name }]);
  return error(400, "VALIDATION_ERROR", `Property values were not valid: ${list}`);
}

function formFault(name: string, value: string): Answer | undefined {
  if (name === "hs_ticket_priority" && !["LOW", "MEDIUM", "HIGH", "URGENT"].includes(value))
    return invalid(name, "INVALID_OPTION", `${value} was not one of the allowed options`);
  return value.length > 65_536
    ? invalid(name, "INVALID_LONG_TEXT", "the value is longer than 65536 characters")
    : undefined;
}

/** What an editor's sanitizer leaves: no comments, scripts and attributes beside href. */
function sanitized(html: string): string {
  return html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, "")
    .replace(/\s(?!href=)[\w-]+="[^"]*"(?=[^<>]*>)/g, "");
}

export type Hubspot = Awaited<ReturnType<typeof startHubspot>>;

export async function startHubspot(options: HubspotOptions = {}) {
  const { indexLagMs = 300, now = Date.now, policyName = "TEN_SECONDLY_ROLLING" } = options;
  const own = options.properties ?? OURS;
  const stores: Record<Kind, Stored[]> = { contacts: [], tickets: [], notes: [] };
  const files: File[] = [];
  const calls: { method: string; path: string; headers: IncomingMessage["headers"]; json: unknown }[] = [];
  let left = options.calls ?? Number.POSITIVE_INFINITY;
  let serial = 101_000_000;
  let publicUrl = "";

  const time = () => new Date(now()).toISOString();
  const recordOf = (kind: Kind, id: string | undefined) =>
    stores[kind].find((each) => each.id === id && !each.isArchived);
  const holderOf = (kind: Kind, property: string, value: unknown) =>
    stores[kind].find((each) => !each.isArchived && each.properties[property] === value);

  function faultOf(kind: Kind, properties: Record<string, unknown>, of?: Stored): Answer | undefined {
    for (const [name, value] of Object.entries(properties)) {
      const fault = valueFault(kind, [name, String(value ?? "")], of);
      if (fault) return fault;
    }
    return kind === "tickets" ? stageFault({ ...of?.properties, ...properties }) : undefined;
  }

  function valueFault(kind: Kind, [name, value]: [string, string], of?: Stored): Answer | undefined {
    const custom = kind === "notes" ? undefined : own.find((each) => each.name === name);
    if (!custom && !ownProperties[kind].includes(name))
      return invalid(name, "PROPERTY_DOESNT_EXIST", `Property "${name}" does not exist`);
    const holder = custom?.hasUniqueValue && value ? holderOf(kind, name, value) : undefined;
    return holder && holder !== of
      ? invalid(name, "CONFLICTING_UNIQUE_VALUE", `${holder.id} already has that value.`)
      : formFault(name, value);
  }

  function stageFault(properties: Record<string, unknown>): Answer | undefined {
    const pipeline = PIPELINES.find(({ id }) => id === properties["hs_pipeline"]);
    const stage = properties["hs_pipeline_stage"];
    return pipeline?.stages.some(({ id }) => id === stage)
      ? undefined
      : invalid("hs_pipeline_stage", "INVALID_OPTION", `${stage} is not a stage of the pipeline`);
  }

  function write(record: Stored, properties: Record<string, unknown>): void {
    const timestamp = time();
    for (const [name, value] of Object.entries(properties)) {
      const text = name === "hs_note_body" ? sanitized(String(value)) : String(value ?? "");
      if (record.properties[name] === text) continue;
      record.properties[name] = text;
      record.history[name] = [{ value: text, timestamp }, ...(record.history[name] ?? [])].slice(0, 20);
    }
    touch(record);
  }

  function touch(record: Stored): void {
    record.changedAt = now();
    record.properties["hs_lastmodifieddate"] = time();
  }

  function make(kind: Kind, properties: Record<string, unknown>): Stored {
    const id = String(serial++);
    const base = { hs_createdate: time(), createdate: time(), hs_object_id: id };
    const record: Stored = {
      id,
      properties: base,
      history: {},
      associated: {},
      changedAt: now(),
      isArchived: false,
    };
    write(record, properties);
    stores[kind].push(record);
    return record;
  }

  function associate(record: Stored, kind: Kind, other: Stored, otherKind: Kind): void {
    record.associated[otherKind] = [...(record.associated[otherKind] ?? []), other.id];
    other.associated[kind] = [...(other.associated[kind] ?? []), record.id];
    // A ticket tells when its last note was made, which changes it.
    touch(other);
  }

  const typeIds: Record<number, Kind> = { 16: "contacts", 202: "contacts", 228: "tickets" };

  function create(kind: Kind, json: unknown): Answer {
    const { properties, associations = [] } = json as {
      properties: Record<string, unknown>;
      associations?: { to: { id: string }; types: { associationTypeId: number }[] }[];
    };
    const fault = faultOf(kind, properties);
    if (fault) return fault;
    if (kind === "notes" && !properties["hs_timestamp"])
      return invalid("hs_timestamp", "REQUIRED_PROPERTY", "hs_timestamp is required");
    const others = associations.map(({ to, types }) => {
      const otherKind = typeIds[types[0]?.associationTypeId ?? 0] ?? "contacts";
      return { otherKind, other: recordOf(otherKind, to.id) };
    });
    if (others.some(({ other }) => !other))
      return error(400, "VALIDATION_ERROR", "One or more associations are not valid");
    const record = make(kind, properties);
    for (const { other, otherKind } of others) if (other) associate(record, kind, other, otherKind);
    return { status: 201, body: shown(record) };
  }

  const shown = (
    { id, properties, isArchived: archived }: Stored,
    names?: string[],
    withHistory?: string[],
  ) => {
    const wanted = names ? [...names, "hs_object_id", "hs_createdate", "hs_lastmodifieddate"] : undefined;
    const record = stores.tickets.find((each) => each.id === id);
    return {
      id,
      properties: wanted
        ? Object.fromEntries(wanted.map((name) => [name, properties[name] ?? null]))
        : properties,
      ...(withHistory && record
        ? {
            propertiesWithHistory: Object.fromEntries(
              withHistory.map((name) => [name, record.history[name] ?? []]),
            ),
          }
        : {}),
      createdAt: properties["hs_createdate"],
      updatedAt: properties["hs_lastmodifieddate"],
      archived,
    };
  };

  /** 207 where a part was not found, as the documentation has it. */
  function batch(results: unknown[], missing: string[]): Answer {
    const errors = missing.map((id) => ({
      status: "error",
      category: "OBJECT_NOT_FOUND",
      message: "Could not get some objects, they may be deleted or not exist.",
      context: { ids: [id] },
    }));
    const more = errors.length > 0 ? { numErrors: errors.length, errors } : {};
    return { status: errors.length > 0 ? 207 : 200, body: { status: "COMPLETE", results, ...more } };
  }

  function batchRead(kind: Kind, json: unknown): Answer {
    const { inputs, idProperty, properties, propertiesWithHistory } = json as {
      inputs: { id: string }[];
      idProperty?: string;
      properties: string[];
      propertiesWithHistory?: string[];
    };
    const most = propertiesWithHistory ? 50 : 100;
    if (inputs.length === 0 || inputs.length > most)
      return error(400, "VALIDATION_ERROR", `The maximum number of inputs supported is ${most}`);
    const found = inputs.map(({ id }) => (idProperty ? holderOf(kind, idProperty, id) : recordOf(kind, id)));
    const results = found.flatMap((each) => (each ? [shown(each, properties, propertiesWithHistory)] : []));
    return batch(
      results,
      inputs.flatMap(({ id }, index) => (found[index] ? [] : [id])),
    );
  }

  function upsert(kind: Kind, json: unknown): Answer {
    const results: unknown[] = [];
    for (const { id, idProperty = "", properties } of (json as { inputs: Input[] }).inputs) {
      const existing = holderOf(kind, idProperty, id);
      const fault = faultOf(kind, properties, existing);
      if (fault) return fault;
      const record = existing ?? make(kind, {});
      write(record, { ...properties, [idProperty]: id });
      results.push({ ...shown(record), new: !existing });
    }
    return batch(results, []);
  }

  function search(kind: Kind, json: unknown): Answer {
    const {
      filterGroups = [],
      sorts = [],
      limit = 10,
      after = "0",
      properties,
    } = json as {
      filterGroups?: { filters: { propertyName: string; operator: string; value?: string }[] }[];
      sorts?: { propertyName: string }[];
      limit?: number;
      after?: string;
      properties?: string[];
    };
    const start = Number(after);
    if (limit > 200 || start + limit > 10_000) return error(400, "VALIDATION_ERROR", "too many results");
    const found = stores[kind].filter((record) => {
      const isIndexed = now() - record.changedAt >= indexLagMs;
      const fits = (filterGroups[0]?.filters ?? []).every(({ propertyName, operator, value }) => {
        const held = record.properties[propertyName];
        return operator === "HAS_PROPERTY" ? Boolean(held) : Date.parse(held ?? "") >= Number(value);
      });
      return isIndexed && fits && !record.isArchived;
    });
    const by = sorts[0]?.propertyName ?? "hs_object_id";
    found.sort((left, right) => (left.properties[by] ?? "").localeCompare(right.properties[by] ?? ""));
    const results = found.slice(start, start + limit).map((each) => shown(each, properties));
    const more = start + limit < found.length;
    return {
      status: 200,
      body: {
        total: found.length,
        results,
        ...(more ? { paging: { next: { after: String(start + limit) } } } : {}),
      },
    };
  }

  async function upload({ headers, body }: Call): Promise<Answer> {
    const type = String(headers["content-type"]);
    const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": type } }).formData();
    const given = form.get("file");
    const { access } = JSON.parse(String(form.get("options") ?? "{}")) as { access?: string };
    if (!given || typeof given === "string" || !access || !form.get("folderPath"))
      return error(400, "VALIDATION_ERROR", "file, options.access and a folder are required");
    const name = String(form.get("fileName") ?? given.name);
    return { status: 201, body: fileShown(keep(name, given.type, Buffer.from(await given.arrayBuffer()))) };
  }

  function keep(name: string, type: string, bytes: Buffer): File {
    const file = { id: String(serial++), name, type, bytes };
    files.push(file);
    return file;
  }

  function fileShown({ id, name, bytes }: File) {
    const [, stem = name, extension = ""] = /^(.*)\.([^.]*)$/s.exec(name) ?? [];
    return { id, name: stem, extension, size: bytes.length, type: "OTHER", access: "PRIVATE" };
  }

  function filesApi(call: Call, id: string | undefined, part: string | undefined): Answer | Promise<Answer> {
    if (call.method === "POST") return upload(call);
    const file = files.find((each) => each.id === id);
    if (!file) return notFound;
    if (part !== "signed-url") return { status: 200, body: fileShown(file) };
    const url = `${publicUrl}/hubfs/${id}?Expires=1790000000&Signature=0a1b2c`;
    return { status: 200, body: { ...fileShown(file), url, expiresAt: time() } };
  }

  function stored(id: string, { headers }: Call): Answer {
    // The store takes one way of being authorised, not two.
    if (headers.authorization) return { status: 400, bytes: Buffer.from("<Error/>") };
    const file = files.find((each) => each.id === id);
    return file
      ? { status: 200, bytes: file.bytes, headers: { "Content-Type": file.type } }
      : { status: 403, bytes: Buffer.from("<Error/>") };
  }

  async function respond(call: Call): Promise<Answer> {
    const kept = /^\/hubfs\/(\d+)$/.exec(call.path)?.[1];
    if (kept) return stored(kept, call);
    const fault = refusalOf(call);
    if (fault) return fault;
    const [, api, part = "", version, ...rest] = call.path.split("/").map(decodeURIComponent);
    if (api === "files" && part === "2026-09") return filesApi(call, rest[0], rest[1]);
    return api === "crm" && version === "2026-09" ? crm(call, part, rest) : notFound;
  }

  function refusalOf({ headers }: Call): Answer | undefined {
    if (headers.authorization !== `Bearer ${TOKEN}`)
      return error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.");
    if (left-- <= 0) {
      const message = `You have reached your ${policyName.toLowerCase()} limit.`;
      return error(429, "RATE_LIMITS", message, { errorType: "RATE_LIMIT", policyName });
    }
    if (options.fault) return error(options.fault, "LOCKED", "try again later");
    if (!options.lacks) return undefined;
    const message = "One or more of the following scopes are required.";
    const errors = [{ message, context: { requiredGranularScopes: [options.lacks] } }];
    return error(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes.", { errors });
  }

  function crm(call: Call, part: string, rest: string[]): Answer {
    if (part === "pipelines") return { status: 200, body: { results: PIPELINES } };
    if (part === "owners")
      return { status: 200, body: { results: [OWNER, { id: "2", email: `x.${OWNER.email}` }] } };
    if (part === "properties") {
      const property = own.find(({ name }) => name === rest[1]);
      return property ? { status: 200, body: { ...property, type: "string" } } : notFound;
    }
    const json = call.body.length > 0 ? JSON.parse(call.body.toString()) : {};
    if (part === "associations") return associations(json);
    const kind = kinds.find((each) => each === rest[0]);
    return kind ? objects(call, kind, { rest: rest.slice(1), json }) : notFound;
  }

  function objects(call: Call, kind: Kind, { rest, json }: { rest: string[]; json: unknown }): Answer {
    const [id, more, other] = rest;
    if (id === undefined) return create(kind, json);
    if (id === "search") return search(kind, json);
    if (id === "batch") return more === "read" ? batchRead(kind, json) : upsert(kind, json);
    const record = recordOf(kind, id);
    if (!record) return notFound;
    if (more === "associations") return associated(record.associated[String(other)], call.query);
    if (call.method === "PATCH") return change(kind, record, json);
    return { status: 200, body: shown(record, call.query.getAll("properties")) };
  }

  function change(kind: Kind, record: Stored, json: unknown): Answer {
    const { properties } = json as { properties: Properties };
    const fault = faultOf(kind, properties, record);
    if (!fault) write(record, properties);
    return fault ?? { status: 200, body: shown(record) };
  }

  function associations(json: unknown): Answer {
    const ids = (json as { inputs: { id: string }[] }).inputs.map(({ id }) => id);
    const found = ids.flatMap((id) => {
      const tickets = recordOf("notes", id)?.associated["tickets"] ?? [];
      const to = tickets.map((toObjectId) => ({ toObjectId, associationTypes: [{ typeId: 228 }] }));
      return to.length > 0 ? [{ from: { id }, to }] : [];
    });
    return batch(
      found,
      ids.filter((id) => !found.some(({ from }) => from.id === id)),
    );
  }

  function associated(ids: string[] | undefined, query: URLSearchParams): Answer {
    const start = Number(query.get("after") ?? 0);
    const end = start + Number(query.get("limit") ?? 500);
    const results = (ids ?? []).slice(start, end).map((id) => ({ toObjectId: id, associationTypes: [] }));
    const paging = end < (ids ?? []).length ? { paging: { next: { after: String(end) } } } : {};
    return { status: 200, body: { results, ...paging } };
  }

  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? "/", "http://hubspot");
    const { method = "GET", headers } = incoming;
    const body = Buffer.concat(chunks);
    const isJson = String(headers["content-type"]).startsWith("application/json");
    calls.push({ method, path, headers, json: isJson ? JSON.parse(body.toString()) : undefined });
    const answer = await respond({ method, path, query, headers, body });
    // Searches tell no limits.
    const limits = path.endsWith("/search") ? {} : limitHeaders(left);
    outgoing.writeHead(answer.status, {
      "Content-Type": "application/json;charset=utf-8",
      Date: new Date(now()).toUTCString(),
      ...limits,
      ...answer.headers,
    });
    outgoing.end(answer.bytes ?? JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  publicUrl = url;

  const ticketOf = (id: string) => {
    const ticket = recordOf("tickets", id);
    if (!ticket) throw new Error(`no ticket ${id}`);
    return ticket;
  };
  return {
    url,
    calls,
    files,
    ...stores,
    /** Addresses of files begin with it. */
    isSeenAs: (address: string) => {
      publicUrl = address;
    },
    allow: (count: number) => {
      left = count;
    },
    /** A file as staff attach it. */
    keep,
    /** A note as staff write it in HubSpot's pages. */
    note(ticketIds: string[], html: string, attachments: File[] = []): Stored {
      const tickets = ticketIds.map(ticketOf);
      const note = make("notes", {
        hs_note_body: html,
        hubspot_owner_id: OWNER.id,
        ...(attachments.length > 0 ? { hs_attachment_ids: attachments.map(({ id }) => id).join(";") } : {}),
      });
      for (const ticket of tickets) associate(note, "notes", ticket, "tickets");
      return note;
    },
    setStage: (ticketId: string, stage: string) => write(ticketOf(ticketId), { hs_pipeline_stage: stage }),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function limitHeaders(left: number): Record<string, string> {
  return {
    "X-HubSpot-RateLimit-Max": "190",
    "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
    "X-HubSpot-RateLimit-Remaining": String(Number.isFinite(left) ? Math.max(0, left) : 189),
  };
}
