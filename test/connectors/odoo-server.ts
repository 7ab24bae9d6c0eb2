import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Application, shapes } from "./odoo-models.ts";
import { type Context, createRecords, Fault, type Row, userError, valueError } from "./odoo-records.ts";

/** An Odoo on loopback, by its documentation and its published sources. */
export const API_KEY = "0123456789abcdef0123456789abcdef01234567";
export const DATABASE = "acme";
export const LOGIN = "deskferry";
export const ACCOUNT = 8;
export const AGENT = 7;

export interface OdooOptions {
  application?: Application;
  /** 17 has JSON-RPC only, 19 both, 22 JSON-2 only. */
  version?: 17 | 19 | 22;
  now?: () => number;
  /** Several databases behind one address, so that calls must name theirs. */
  severalDatabases?: boolean;
  /** A rule that moves a ticket on from a stage to another. */
  rule?: { from: number; to: number };
}

interface Answer {
  status: number;
  body: unknown;
}
type Given = Record<string, unknown>;
interface Method {
  /** Parameters that it takes; undefined for any. */
  takes?: string[];
  /** Works on records. */
  onRecords?: boolean;
  run(ids: number[], given: Given, context: Context): unknown;
}

/** Statuses of JSON-2; any other exception is 500. */
const STATUSES: Record<string, number> = {
  "odoo.exceptions.UserError": 422,
  "odoo.exceptions.ValidationError": 422,
  "odoo.exceptions.AccessError": 403,
  "odoo.exceptions.AccessDenied": 403,
  "odoo.exceptions.MissingError": 404,
  "werkzeug.exceptions.Unauthorized": 401,
  "werkzeug.exceptions.NotFound": 404,
  "werkzeug.exceptions.UnprocessableEntity": 422,
};

/** `mail.thread` takes these for a message, `_get_message_create_valid_field_names`. */
const POST_TAKES = new Set(
  "attachment_ids author_id body body_is_html date email_from is_internal message_id message_type parent_id partner_ids subject subtype_id subtype_xmlid".split(
    " ",
  ),
);
const SUBTYPES: Record<string, number> = { "mail.mt_comment": 1, "mail.mt_note": 2 };

export type Odoo = Awaited<ReturnType<typeof startOdoo>>;

export async function startOdoo(options: OdooOptions = {}) {
  const { application = "project", version = 19, now = Date.now } = options;
  const shape = shapes[application];
  const records = createRecords(application, now);
  const { insert, update, rowOf, rowsOf, search, shown, checkAccess, time } = records;
  const calls: { model: string; method: string; given: Given; headers: IncomingMessage["headers"] }[] = [];
  /** What the next calls end in. */
  const faults: Fault[] = [];
  let uid = ACCOUNT;

  seed();

  function seed() {
    const plant = (model: string, row: Row) => records.tableOf(model).rows.set(row.id, row);
    const person = { active: true, create_uid: 1, is_company: false };
    plant("res.partner", { ...person, id: 3, name: "Dan Desk", partner_share: false });
    plant("res.partner", { ...person, id: 4, name: "Ann Agent", partner_share: false });
    plant("res.users", {
      id: ACCOUNT,
      login: LOGIN,
      name: "Dan Desk",
      partner_id: 3,
      email_formatted: '"Dan Desk" <dan@example.org>',
    });
    plant("res.users", {
      id: AGENT,
      login: "ann",
      name: "Ann Agent",
      partner_id: 4,
      email_formatted: '"Ann Agent" <ann@example.org>',
    });
    plant("mail.message.subtype", { id: 1, name: "Discussions", internal: false });
    plant("mail.message.subtype", { id: 2, name: "Note", internal: true });
    plant("mail.message.subtype", { id: 3, name: "Stage Changed", internal: true });
    plant("res.lang", { id: 1, code: "en_US", name: "English (US)" });
    plant("res.lang", { id: 2, code: "pt_BR", name: "Portuguese (BR)" });
    plant(shape.queue[1], { id: 1, name: "Internal" });
    plant(shape.queue[1], { id: 2, name: "WhatsApp" });
    for (const [index, name] of ["New", "In Progress", "On Hold", "Solved", "Cancelled"].entries()) {
      plant(shape.stage[0], { id: index + 1, name, sequence: index, [shape.stage[1]]: [2] });
    }
    plant(shape.stage[0], { id: 6, name: "Solved", sequence: 0, [shape.stage[1]]: [1] });
  }

  /** The request's time stands for all that it saves. */
  function track(ticket: Row, by: number, subtype: number) {
    insert(
      "mail.message",
      {
        ...{ model: shape.model, res_id: ticket.id, message_type: "notification", body: "", date: time() },
        ...{ subtype_id: subtype, author_id: partnerOf(by), message_id: `<${ticket.id}-${now()}@openerp>` },
      },
      by,
    );
  }

  const partnerOf = (user: number) => Number(rowOf("res.users", user)["partner_id"]);

  function create(model: string, values: Given): Row {
    const row = insert(model, values, uid);
    if (model === "res.partner") {
      Object.assign(row, { partner_share: true, is_company: row["is_company"] ?? false });
      row["phone_sanitized"] = String(row["phone"] ?? "").replace(/[\s()-]/g, "");
    }
    if (model === "ir.attachment") {
      Object.assign(row, {
        type: row["type"] ?? "binary",
        file_size: ((row["datas"] ?? "") as Buffer).length,
      });
    }
    if (model === shape.model) {
      row["stage_id"] ??= 1;
      if (application === "project") row["state"] ??= "01_in_progress";
      row[shape.stageTime] = time();
      track(row, uid, 2);
    }
    return row;
  }

  function write(model: string, id: number, values: Given, by = uid) {
    const before = rowOf(model, id)["stage_id"];
    const row = update(model, id, values);
    if (model !== shape.model) return;
    if (row["stage_id"] === options.rule?.from) row["stage_id"] = options.rule?.to;
    const isMoved = "state" in values || (values["stage_id"] !== undefined && values["stage_id"] !== before);
    if (isMoved) row[shape.stageTime] = time();
    track(row, by, isMoved && application !== "oca-helpdesk" ? 3 : 2);
  }

  /** Odoo sends mails in the author's name, and takes no message without an address for them. */
  function senderOf(author: number, given: Given, by: number): unknown {
    const own = author === partnerOf(by) ? rowOf("res.users", by)["email_formatted"] : undefined;
    const sender = given["email_from"] ?? own ?? rowOf("res.partner", author)["email"];
    if (!sender) throw userError("Unable to send message, please configure the sender's email address.");
    return sender;
  }

  function post(id: number, given: Given, by = uid): number {
    const ticket = rowOf(shape.model, id);
    const wrong = Object.keys(given).filter((name) => !POST_TAKES.has(name));
    if (wrong.length > 0)
      throw valueError(`Those values are not supported when posting or notifying: ${wrong}`);
    const author = Number(given["author_id"] ?? partnerOf(by));
    const files = (given["attachment_ids"] ?? []) as number[];
    const body = String(given["body"] ?? "");
    const values = {
      ...{ model: shape.model, res_id: id, date: time(), author_id: author },
      email_from: senderOf(author, given, by),
      body: given["body_is_html"] ? body : body.replace(/&/g, "&amp;").replace(/</g, "&lt;"),
      message_type: given["message_type"] ?? "notification",
      subtype_id: SUBTYPES[String(given["subtype_xmlid"])] ?? 2,
      is_internal: given["is_internal"] === true,
      message_id: given["message_id"] ?? `<${id}-${now()}-${Math.random()}@openerp>`,
      attachment_ids: [[6, 0, files]],
    };
    for (const file of files) takeAlong(rowOf("ir.attachment", file), ticket, by);
    return insert("mail.message", values, by).id;
  }

  function takeAlong(file: Row, ticket: Row, by: number) {
    if (file["res_model"] !== "mail.compose.message" || file["create_uid"] !== by) return;
    Object.assign(file, { res_model: shape.model, res_id: ticket.id });
  }

  const searching = ["domain", "fields", "offset", "limit", "order", "load"];
  function run(model: string, method: string, ids: number[], given: Given, context: Context): unknown {
    const known = methodsOf(model)[method];
    if (!known) throw new Fault("builtins.AttributeError", `The method '${model}.${method}' does not exist`);
    return known.run(ids, given, context);
  }

  function methodsOf(model: string): Record<string, Method> {
    const names = (given: Given) => (given["fields"] as string[] | undefined) ?? [];
    return {
      search_read: {
        takes: searching,
        run: (_, given, context) =>
          search(model, given, context).map((row) => shown(model, row, names(given))),
      },
      search: {
        takes: searching,
        run: (_, given, context) => search(model, given, context).map(({ id }) => id),
      },
      search_count: {
        takes: ["domain", "limit"],
        run: (_, given, context) => search(model, given, context).length,
      },
      read: {
        onRecords: true,
        takes: ["fields", "load"],
        run(ids, given) {
          checkAccess(model, "read");
          return ids.map((id) => shown(model, rowOf(model, id), names(given)));
        },
      },
      create: {
        takes: ["vals_list"],
        run(_, { vals_list: list }) {
          checkAccess(model, "create");
          return (list as Given[]).map((values) => create(model, values).id);
        },
      },
      write: {
        onRecords: true,
        takes: ["vals"],
        run(ids, { vals }) {
          checkAccess(model, "write");
          for (const id of ids) write(model, id, vals as Given);
          return true;
        },
      },
      fields_get: { takes: ["allfields", "attributes"], run: () => describeFields(model) },
      ...(version >= 19
        ? {
            has_access: { onRecords: true, takes: ["operation"], run: (_, given) => isAllowed(model, given) },
          }
        : {
            check_access_rights: {
              takes: ["operation", "raise_exception"],
              run: (_, given) => isAllowed(model, given),
            },
          }),
      ...(model === shape.model ? { message_post: { onRecords: true, run: posted } } : {}),
      ...(model === "res.lang" ? { get_installed: { takes: [], run: installed } } : {}),
      ...(model === "res.users"
        ? { context_get: { takes: [], run: () => ({ lang: "en_US", tz: "Europe/Brussels", uid }) } }
        : {}),
    };
  }

  const isAllowed = (model: string, { operation }: Given) => !records.denied.has(`${model}/${operation}`);
  const installed = () => rowsOf("res.lang").map(({ code, name }) => [code, name]);
  function posted(ids: number[], given: Given) {
    const id = post(ids[0] ?? 0, given);
    return version >= 19 ? [id] : id;
  }

  function describeFields(model: string) {
    const { fields } = records.tableOf(model);
    return Object.fromEntries(
      [...fields].map(([name, { kind, values }]) => [
        name,
        { type: kind, ...(kind === "selection" ? { selection: values.map((value) => [value, value]) } : {}) },
      ]),
    );
  }

  /** Each call is one transaction: it ends well, or nothing of it stays. */
  function perform(call: () => unknown): unknown {
    const fault = faults.shift();
    if (fault) throw fault;
    uid = ACCOUNT;
    return call();
  }

  const told = (fault: Fault) => ({
    name: fault.exception,
    message: fault.message,
    arguments: [fault.message],
    context: {},
    debug: `Traceback (most recent call last):\n  File "/opt/odoo"\n${fault.exception}: ${fault.message}\n`,
  });
  const asFault = (error: unknown) =>
    error instanceof Fault ? error : new Fault("builtins.TypeError", String(error));

  function json2(path: string, given: Given, headers: IncomingMessage["headers"]): Answer {
    const fail = (fault: Fault) => ({ status: STATUSES[fault.exception] ?? 500, body: told(fault) });
    const http = (name: string, message: string) => fail(new Fault(`werkzeug.exceptions.${name}`, message));
    if (options.severalDatabases && headers["x-odoo-database"] !== DATABASE) {
      return http("NotFound", "No database is selected. Use the X-Odoo-Database header.");
    }
    if (headers.authorization !== `bearer ${API_KEY}`) return http("Unauthorized", "Invalid apikey");
    const [, model = "", method = ""] = /^\/json\/2\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const { ids = [], context = {}, ...named } = given as { ids?: number[]; context?: Context };
    calls.push({ model, method, given, headers });
    try {
      return { status: 200, body: perform(() => checked(model, method, ids, named, context)) };
    } catch (error) {
      return fail(asFault(error));
    }
  }

  /** JSON-2 holds the names of parameters against the method's signature. */
  function checked(model: string, method: string, ids: number[], given: Given, context: Context): unknown {
    const http = (name: string, message: string) => new Fault(`werkzeug.exceptions.${name}`, message);
    if (!rowsExist(model)) throw http("NotFound", `the model '${model}' does not exist`);
    const known = methodsOf(model)[method];
    if (!known) throw http("NotFound", `The method '${model}.${method}' does not exist`);
    if (!known.onRecords && ids.length > 0)
      throw http("UnprocessableEntity", `cannot call ${model}.${method} with ids`);
    const wrong = Object.keys(given).find((name) => known.takes && !known.takes.includes(name));
    if (wrong) throw http("UnprocessableEntity", `got an unexpected keyword argument '${wrong}'`);
    return known.run(ids, given, context);
  }

  function rowsExist(model: string): boolean {
    try {
      records.tableOf(model);
      return true;
    } catch {
      return false;
    }
  }

  function jsonRpc(request: Given, headers: IncomingMessage["headers"]): Answer {
    const { service, method, args } = request["params"] as {
      service: string;
      method: string;
      args: unknown[];
    };
    const envelope = { jsonrpc: "2.0", id: request["id"] };
    try {
      return { status: 200, body: { ...envelope, result: served(service, method, args, headers) } };
    } catch (error) {
      const data = told(asFault(error));
      return { status: 200, body: { ...envelope, error: { code: 200, message: "Odoo Server Error", data } } };
    }
  }

  function served(
    service: string,
    name: string,
    args: unknown[],
    headers: IncomingMessage["headers"],
  ): unknown {
    const [database, who, key] = args;
    if (database !== DATABASE) {
      throw new Fault("psycopg2.OperationalError", `FATAL: database "${database}" does not exist`);
    }
    if (service === "common" && name === "authenticate") {
      calls.push({ model: "", method: name, given: {}, headers });
      return who === LOGIN && key === API_KEY ? ACCOUNT : false;
    }
    if (who !== ACCOUNT || key !== API_KEY) throw new Fault("odoo.exceptions.AccessDenied", "Access Denied");
    const [, , , model, method, positional, named] = args as [
      unknown,
      unknown,
      unknown,
      string,
      string,
      unknown[],
      Given & { context?: Context },
    ];
    const { context = {}, ...given } = named;
    calls.push({ model, method, given: named, headers });
    return perform(() => {
      const known = rowsExist(model) ? methodsOf(model)[method] : undefined;
      const ids = known?.onRecords ? ((positional[0] as number[]) ?? []) : [];
      // `create` looks at its first positional argument: without one Python stops there.
      if (method === "create" && positional.length === 0)
        throw new Fault("builtins.IndexError", "tuple index out of range");
      const more = method === "create" ? { vals_list: positional[0] } : {};
      return run(model, method, ids, { ...given, ...more }, context);
    });
  }

  function answer(path: string, body: Given, headers: IncomingMessage["headers"]): Answer {
    const page = { status: 404, body: "<!doctype html><title>404 Not Found</title>" };
    if (path === "/jsonrpc" && version < 22) return jsonRpc(body, headers);
    return path.startsWith("/json/2/") && version >= 19 ? json2(path, body, headers) : page;
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { pathname } = new URL(incoming.url ?? "/", "http://localhost");
    const { status, body } = answer(pathname, JSON.parse(Buffer.concat(chunks).toString()), incoming.headers);
    const type = typeof body === "string" ? "text/html" : "application/json; charset=utf-8";
    outgoing.writeHead(status, { "Content-Type": type });
    outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    shape,
    calls,
    faults,
    records,
    tickets: () => rowsOf(shape.model),
    partners: () => rowsOf("res.partner"),
    /** What people have written on a ticket, oldest first. */
    written: (ticket: number) =>
      rowsOf("mail.message").filter(
        (row) => row["res_id"] === ticket && row["message_type"] !== "notification",
      ),
    addFile: (name: string, mimetype: string, bytes: Buffer, by = AGENT) => {
      const values = {
        name,
        mimetype,
        datas: bytes.toString("base64"),
        res_model: "mail.compose.message",
        res_id: 0,
      };
      uid = by;
      return create("ir.attachment", values).id;
    },
    /** What somebody does in Odoo's own pages. */
    post: (ticket: number, given: Given, by = AGENT) =>
      post(ticket, { body_is_html: true, message_type: "comment", ...given }, by),
    write: (ticket: number, values: Given, by = AGENT) => write(shape.model, ticket, values, by),
    insert: (model: string, values: Given, by = AGENT) => {
      uid = by;
      return create(model, values);
    },
    stageOf: (name: string) => rowsOf(shape.stage[0]).find((stage) => stage["name"] === name)?.id ?? 0,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
