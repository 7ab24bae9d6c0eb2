import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AGENT, createOrg, type OrgOptions, OWN_USER, Refusal } from "./salesforce-org.ts";
import { parseSoql, type Row, SoqlError, valueAt } from "./salesforce-soql.ts";

/** A Salesforce on loopback, by its public documentation: no description of the API is kept beside the tests. */
export const CLIENT_ID = "3MVG9.example.consumer.key";
export const CLIENT_SECRET = "1234567890ABCDEF-consumer-secret";
const VERSION = "62.0";

export interface SalesforceOptions extends OrgOptions {
  /** Rows of one answer to a query; Salesforce gives 2,000, and fewer of long ones. */
  rowsAPage?: number;
  /** Requests of 24 hours. */
  dailyRequests?: number;
  /** What describe tells of our id fields. */
  idField?: Row;
}

interface Answer {
  status: number;
  body?: unknown;
  bytes?: Buffer;
}
export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
  json: Row;
}

const faulty = (status: number, errorCode: string, message: string): Answer => ({
  status,
  body: [{ message, errorCode }],
});
const missing = faulty(404, "NOT_FOUND", "The requested resource does not exist");

export type Salesforce = Awaited<ReturnType<typeof startSalesforce>>;

export async function startSalesforce(options: SalesforceOptions = {}) {
  const org = createOrg(options);
  const { rowsAPage = 2000, dailyRequests = 15_000 } = options;
  const calls: Call[] = [];
  const cursors = new Map<string, Row[]>();
  const hidden = new Set<unknown>();
  let token = 0;
  let requests = 0;
  let url = "";
  /** Answers the next requests instead of ours. */
  const instead: Answer[] = [];

  function tokenFor(call: Call): Answer {
    const form = new URLSearchParams(call.body.toString());
    if (form.get("grant_type") !== "client_credentials") {
      return { status: 400, body: { error: "unsupported_grant_type", error_description: "not supported" } };
    }
    if (form.get("client_id") !== CLIENT_ID) {
      return {
        status: 400,
        body: { error: "invalid_client_id", error_description: "client identifier invalid" },
      };
    }
    if (form.get("client_secret") !== CLIENT_SECRET) {
      return {
        status: 400,
        body: { error: "invalid_client", error_description: "invalid client credentials" },
      };
    }
    const answer = { access_token: `00D!session.${++token}`, signature: "c2ln", token_type: "Bearer" };
    const id = `https://login.salesforce.com/id/00D5g0000000001EAA/${OWN_USER}`;
    return { status: 200, body: { ...answer, instance_url: url, id, issued_at: String(org.now()) } };
  }

  function query(soql: string): Answer {
    const wanted = parseSoql(soql);
    const unknown = wanted.fields.find((field) => !/\./.test(field) && !org.isKnown(wanted.object, field));
    if (unknown)
      throw new SoqlError("INVALID_FIELD", `No such column '${unknown}' on entity '${wanted.object}'`);
    if (!org.tables[wanted.object])
      throw new SoqlError("INVALID_TYPE", `sObject type '${wanted.object}' is not supported.`);
    const rows = (org.tables[wanted.object] ?? [])
      .filter(({ Id: id }) => !hidden.has(id))
      .map(org.related)
      .filter(wanted.matches)
      .sort((left, right) => {
        const [first, second] = [left, right].map((row) =>
          wanted.order.map((field) => valueAt(row, field)).join(" "),
        );
        return (first ?? "") < (second ?? "") ? -1 : first === second ? 0 : 1;
      })
      .slice(0, wanted.limit);
    return pageOf(rows.map((row) => shown(row, wanted.object, wanted.fields)));
  }

  function shown(row: Row, type: string, fields: string[]): Row {
    const seen: Row = { attributes: { type } };
    for (const field of fields) {
      const names = field.split(".");
      const last = names.pop() ?? "";
      const place = names.reduce<Row>((at, name) => {
        at[name] ??= {};
        return at[name] as Row;
      }, seen);
      place[last] = valueAt(row, field) ?? null;
    }
    return seen;
  }

  function pageOf(rows: Row[]): Answer {
    const page = { totalSize: rows.length, records: rows.slice(0, rowsAPage) };
    const rest = rows.slice(rowsAPage);
    if (rest.length === 0) return { status: 200, body: { ...page, done: true } };
    const locator = `01g5g00000${cursors.size}-${rowsAPage}`;
    cursors.set(locator, rest);
    const nextRecordsUrl = `/services/data/v${VERSION}/query/${locator}`;
    return { status: 200, body: { ...page, done: false, nextRecordsUrl } };
  }

  /** In the order given; the others of a set that is refused say that they were rolled back. */
  function writeAll({ json }: Call, write: (record: Row) => Row & { created?: boolean }): Answer {
    const records = json["records"] as Row[];
    const types = records.map((record) => (record["attributes"] as Row | undefined)?.["type"]);
    const changesOfType = types.filter((type, index) => index > 0 && type !== types[index - 1]).length;
    if (records.length > 200) return faulty(400, "EXCEEDED_MAX_TYPES_LIMIT", "The limit is 200 records");
    if (changesOfType + 1 > 10) return faulty(400, "INVALID_ARGUMENT", "more than 10 chunks");
    let at = 0;
    try {
      const made = org.inTransaction(() =>
        records.map((record, index) => {
          at = index;
          return write(record);
        }),
      );
      const body = made.map(({ Id: id, created }) => ({
        id,
        success: true,
        errors: [],
        ...(created === undefined ? {} : { created }),
      }));
      return { status: 200, body };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.fault.statusCode === "INVALID_FIELD")
        return faulty(400, error.fault.statusCode, error.fault.message);
      const message =
        "Record rolled back because not all records were valid and the request was using AllOrNone header";
      const others = { statusCode: "ALL_OR_NONE_OPERATION_ROLLED_BACK", message, fields: [] };
      const body = records.map((_, index) => ({
        success: false,
        errors: [index === at ? error.fault : others],
      }));
      return { status: 200, body };
    }
  }

  function nextPage(locator = ""): Answer {
    const rest = cursors.get(locator);
    return rest ? pageOf(rest) : faulty(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
  }

  function create(call: Call): Answer {
    return writeAll(call, (record) =>
      org.insert(String((record["attributes"] as Row)["type"]), record, OWN_USER),
    );
  }

  function upsert(call: Call, [object = "", field = ""]: string[]): Answer {
    return writeAll(call, (record) => {
      const existing = org.table(object).find((row) => row[field] === record[field]);
      if (existing) return { ...org.update(object, existing, record, OWN_USER), created: false };
      return { ...org.insert(object, record, OWN_USER), created: true };
    });
  }

  async function composite(call: Call): Promise<Answer> {
    const parts: unknown[] = [];
    for (const { method, url: target, body, referenceId } of call.json["compositeRequest"] as Row[]) {
      const at = new URL(String(target), "http://localhost");
      const inner = { ...call, method: String(method), path: at.pathname, query: at.searchParams };
      const answer = await routed({ ...inner, json: (body ?? {}) as Row });
      parts.push({ body: answer.body ?? null, httpHeaders: {}, httpStatusCode: answer.status, referenceId });
    }
    return { status: 200, body: { compositeResponse: parts } };
  }

  function describe(object: string): Answer {
    if (!org.tables[object]) return missing;
    const id = { unique: true, externalId: true, caseSensitive: true, ...options.idField };
    const fields = org
      .columnsOf(object)
      .map((name) => ({ name, createable: true, ...(name === "Deskferry_Id__c" ? id : {}) }));
    return { status: 200, body: { name: object, createable: true, fields } };
  }

  function upload({ body, headers }: Call): Answer {
    const boundary = /boundary=([^;]+)/.exec(String(headers["content-type"]))?.[1];
    if (!boundary) return faulty(415, "UNSUPPORTED_MEDIA_TYPE", "");
    const parts = body
      .toString("latin1")
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((part) => {
        const end = part.indexOf("\r\n\r\n");
        return { head: part.slice(0, end), content: part.slice(end + 4, -2) };
      });
    const entity = parts.find(({ head }) => /application\/json/i.test(head));
    const data = parts.find(({ head }) => head.includes('name="VersionData"') && head.includes("filename="));
    if (!entity?.head.includes('name="entity_content"') || !data) {
      const message = "Multipart message must include a non-binary part";
      return faulty(400, "INVALID_MULTIPART_REQUEST", message);
    }
    const given = JSON.parse(Buffer.from(entity.content, "latin1").toString("utf8")) as Row;
    const made = org.insert("ContentVersion", { ...given, VersionData: "there" }, OWN_USER);
    made["bytes"] = Buffer.from(data.content, "latin1");
    return { status: 201, body: { id: made["Id"], success: true, errors: [] } };
  }

  function content(id: string | undefined): Answer {
    const bytes = org.byId("ContentVersion", id)?.["bytes"];
    return Buffer.isBuffer(bytes) ? { status: 200, bytes } : missing;
  }

  function discard({ query: given }: Call): Answer {
    const ids = (given.get("ids") ?? "").split(",");
    for (const name of ["ContentDocument", "ContentVersion"]) {
      const rows = org.table(name);
      const kept = rows.filter((row) => !ids.includes(String(row["ContentDocumentId"] ?? row["Id"])));
      rows.splice(0, rows.length, ...kept);
    }
    return { status: 200, body: ids.map((id) => ({ id, success: true, errors: [] })) };
  }

  function oneRecord(call: Call, [object = "", id = ""]: string[]): Answer {
    const row = org.byId(object, id);
    if (!row) return missing;
    if (call.method === "GET") {
      return { status: 200, body: shown(row, object, (call.query.get("fields") ?? "").split(",")) };
    }
    try {
      org.inTransaction(() => org.update(object, row, call.json, OWN_USER));
      return { status: 204 };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { statusCode, message, fields } = error.fault;
      return { status: 400, body: [{ message, errorCode: statusCode, fields }] };
    }
  }

  const root = `/services/data/v${VERSION}`;
  const ways: [string, RegExp, (call: Call, parts: string[]) => Answer | Promise<Answer>][] = [
    ["POST", /^\/composite$/, composite],
    ["POST", /^\/composite\/sobjects$/, create],
    ["DELETE", /^\/composite\/sobjects$/, discard],
    ["PATCH", /^\/composite\/sobjects\/(\w+)\/(\w+)$/, upsert],
    ["GET", /^\/query$/, ({ query: given }) => query(given.get("q") ?? "")],
    ["GET", /^\/query\/([\w-]+)$/, (_, [locator]) => nextPage(locator)],
    ["POST", /^\/sobjects\/ContentVersion$/, upload],
    ["GET", /^\/sobjects\/(\w+)\/describe$/, (_, [object = ""]) => describe(object)],
    ["GET", /^\/sobjects\/ContentVersion\/(\w+)\/VersionData$/, (_, [id]) => content(id)],
    ["GET", /^\/sobjects\/(\w+)\/([^/]+)$/, oneRecord],
    ["PATCH", /^\/sobjects\/(\w+)\/([^/]+)$/, oneRecord],
  ];

  async function routed(call: Call): Promise<Answer> {
    const path = call.path.startsWith(root) ? call.path.slice(root.length) : "";
    for (const [method, pattern, way] of ways) {
      const found = call.method === method ? pattern.exec(path) : null;
      if (found) return way(call, found.slice(1).map(decodeURIComponent));
    }
    return missing;
  }

  async function answer(call: Call): Promise<Answer> {
    calls.push(call);
    if (call.path === "/services/oauth2/token") return tokenFor(call);
    if (call.headers.authorization !== `Bearer 00D!session.${token}`) {
      return faulty(401, "INVALID_SESSION_ID", "Session expired or invalid");
    }
    const other = instead.shift();
    if (other) return other;
    if (++requests > dailyRequests)
      return faulty(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    try {
      return await routed(call);
    } catch (error) {
      if (error instanceof SoqlError) return faulty(400, error.code, error.message);
      throw error;
    }
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const target = new URL(incoming.url ?? "/", "http://localhost");
    const isJson = incoming.headers["content-type"] === "application/json";
    const given = await answer({
      method: incoming.method ?? "GET",
      path: target.pathname,
      query: target.searchParams,
      headers: incoming.headers,
      body,
      json: isJson ? JSON.parse(body.toString()) : {},
    });
    outgoing.writeHead(given.status, {
      "Content-Type": given.bytes ? "application/octet-stream" : "application/json;charset=UTF-8",
      "Sforce-Limit-Info": `api-usage=${requests}/${dailyRequests}`,
      Date: new Date(org.now()).toUTCString(),
    });
    outgoing.end(given.bytes ?? (given.body === undefined ? undefined : JSON.stringify(given.body)));
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    org,
    calls,
    instead,
    endSessions: () => {
      token += 1000;
    },
    /** What somebody writes on Salesforce's own pages, whose line ends are those of browsers. */
    comment(caseId: string, body: string, more: { isPublished?: boolean; by?: string } = {}) {
      const { isPublished = true, by = AGENT } = more;
      const given = { ParentId: caseId, CommentBody: body.replace(/\n/g, "\r\n"), IsPublished: isPublished };
      return String(org.inTransaction(() => org.insert("CaseComment", given, by))["Id"]);
    },
    /** Into the list of files of a case; resolves with what names its present version. */
    addFile(caseId: string, name: string, bytes: Buffer) {
      const given = { Title: name.replace(/\.\w{1,10}$/, ""), PathOnClient: name, VersionData: "there" };
      return org.inTransaction(() => {
        const version = org.insert("ContentVersion", given, AGENT);
        version["bytes"] = bytes;
        const link = {
          ContentDocumentId: version["ContentDocumentId"],
          LinkedEntityId: caseId,
          ShareType: "I",
        };
        org.insert("ContentDocumentLink", link, AGENT);
        return String(version["Id"]);
      });
    },
    setStatus(caseId: string, Status: string, by = AGENT) {
      org.inTransaction(() => org.update("Case", org.byId("Case", caseId) ?? {}, { Status }, by));
    },
    /** A record whose transaction has not ended. */
    hide: (id: string) => hidden.add(id),
    show: (id: string) => hidden.delete(id),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
