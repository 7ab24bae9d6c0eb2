import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hmac } from "deskferry/sdk";

/** A Zendesk Support on loopback, by its public documentation: no description of the API is kept beside the tests. */
export const EMAIL = "deskferry@example.org";
export const TOKEN = "zendesk-token-0123456789abcdef";
export const SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
export const ACCOUNT = 900_001;
export const AGENT = 900_002;

export interface ZendeskOptions {
  now?: () => number;
  /** How long the export keeps back what is new. Zendesk: 60,000. */
  exportLagMs?: number;
  /** Updates of one ticket in ten minutes. Zendesk: 30. */
  updateLimit?: number;
  auditsAPage?: number;
  /** Files are not served, but to be fetched there. */
  fileStore?: string;
}

interface User {
  id: number;
  name: string;
  role: "admin" | "agent" | "end-user";
  external_id: string | null;
  phone: string | null;
  [field: string]: unknown;
}
interface File {
  token: string;
  name: string;
  bytes: Buffer;
}
interface Child {
  id: number;
  type: "Comment" | "Change" | "Create";
  [field: string]: unknown;
}
interface Audit {
  id: number;
  ticket_id: number;
  author_id: number;
  at: number;
  metadata: { custom: Record<string, unknown>; system: object };
  events: Child[];
}
export interface Ticket {
  id: number;
  external_id: string | null;
  subject: string;
  status: string;
  requester_id: number;
  tags: string[];
  custom_fields: { id: number; value: unknown }[];
  audits: Audit[];
  updates: number[];
  [field: string]: unknown;
}
interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  bytes?: Buffer;
}
interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
  json: Record<string, Record<string, unknown>>;
}

const STATUSES = ["new", "open", "pending", "hold", "solved", "closed"];
export const GROUP = { id: 360_001, name: "Street lights" };
export const FIELD = { id: 370_001, title: "District" };

export type Zendesk = Awaited<ReturnType<typeof startZendesk>>;

export async function startZendesk(options: ZendeskOptions = {}) {
  const { now = Date.now, exportLagMs = 60_000, updateLimit = 30, auditsAPage = 100 } = options;
  const users: User[] = [
    { id: ACCOUNT, name: "Deskferry", role: "admin", external_id: null, phone: null },
    { id: AGENT, name: "Ann Agent", role: "agent", external_id: null, phone: null },
  ];
  const tickets: Ticket[] = [];
  const files = new Map<string, File>();
  const answered = new Map<string, { body: string; answer: Answer }>();
  const calls: { method: string; path: string; headers: IncomingMessage["headers"] }[] = [];
  let serial = 1_000;
  let hook: string | undefined;
  let url = "";

  const time = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  const ticketOf = (id: string | undefined) => tickets.find((ticket) => String(ticket.id) === id);
  const notFound: Answer = { status: 404, body: { error: "RecordNotFound", description: "Not found" } };
  const invalid = (field: string, description: string): Answer => ({
    status: 422,
    body: {
      error: "RecordInvalid",
      description: "Record validation errors",
      details: { [field]: [{ description, error: "InvalidValue" }] },
    },
  });
  const shown = ({ audits: _, updates: __, ...ticket }: Ticket) => ({
    ...ticket,
    url: `${url}/${ticket.id}`,
  });
  const fileShown = ({ token, name, bytes }: File) => ({
    id: serial,
    file_name: name,
    size: bytes.length,
    content_url: `${url}/attachments/token/${token}/?name=${encodeURIComponent(name)}`,
  });

  function addFile(name: string, bytes: Buffer): File {
    const file = { token: randomBytes(16).toString("base64url"), name, bytes };
    files.set(file.token, file);
    return file;
  }

  /** Status, comment and the rest of one update, and what the triggers make of it before anybody is answered. */
  async function change(ticket: Ticket, given: Record<string, unknown>, actor: number, created = false) {
    const events: Child[] = [];
    const comment = given["comment"] as Record<string, unknown> | undefined;
    if (comment) events.push(commentOf(comment, actor));
    const status = given["status"];
    if (!created && typeof status === "string" && status !== ticket.status) {
      events.push({
        id: serial++,
        type: "Change",
        field_name: "status",
        value: status,
        previous_value: ticket.status,
      });
      ticket.status = status;
    }
    if (created) events.push({ id: serial++, type: "Create", field_name: "status", value: ticket.status });
    const custom = (given["metadata"] ?? {}) as Record<string, unknown>;
    const audit: Audit = {
      id: serial++,
      ticket_id: ticket.id,
      author_id: actor,
      at: now(),
      metadata: { custom, system: { client: "loopback" } },
      events,
    };
    ticket.audits.push(audit);
    for (const event of events) await trigger(ticket, audit, event);
    return audit;
  }

  function commentOf(given: Record<string, unknown>, actor: number): Child {
    const uploads = ((given["uploads"] as string[] | undefined) ?? []).flatMap(
      (token) => files.get(token) ?? [],
    );
    const body = String(given["body"]);
    return {
      id: serial++,
      type: "Comment",
      author_id: given["author_id"] ?? actor,
      body,
      plain_body: body,
      public: given["public"] ?? true,
      files: uploads,
    };
  }

  /** The bodies are those of setup.md, their placeholders filled in. */
  async function trigger(ticket: Ticket, audit: Audit, event: Child) {
    const head = {
      at: `${new Date(audit.at).toISOString().slice(0, 16)}Z`,
      actor: String(audit.author_id),
      actor_name: users.find(({ id }) => id === audit.author_id)?.name ?? "",
      ticket: String(ticket.id),
      external_id: ticket.external_id ?? "",
      title: ticket.subject,
      group: ticket["group_id"] ? GROUP.name : "",
      assignee: "",
    };
    if (event.type === "Comment") {
      await send({
        deskferry: "comment",
        ...head,
        requester: String(ticket.requester_id),
        comment: String(event.id),
        author: String(event["author_id"]),
        public: String(event["public"]),
        body: event["body"],
        files: (event["files"] as File[]).map((file) => `${fileShown(file).content_url} `).join(""),
      });
    }
    if (event.type === "Change") await send({ deskferry: "status", ...head, status: event["value"] });
  }

  async function send(payload: object) {
    if (!hook) return;
    const body = JSON.stringify(payload);
    const timestamp = time(now());
    await fetch(hook, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Zendesk-Account-Id": "123456",
        "X-Zendesk-Webhook-Id": "01F1KRFQ6BG29CNWFR60NK5FNY",
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
        "X-Zendesk-Webhook-Signature": hmac(SECRET, timestamp + body, {
          algorithm: "sha256",
          encoding: "base64",
        }),
      },
      body,
    }).catch(() => undefined);
  }

  function upsertUser({ json }: Call): Answer {
    const given = json["user"] ?? {};
    if (!given["name"]) return invalid("name", "Name: is too short");
    const wanted = String(given["external_id"]);
    const known = users.find(({ external_id: id }) => id?.toLowerCase() === wanted.toLowerCase());
    if (known) {
      Object.assign(known, given);
      return { status: 200, body: { user: known } };
    }
    const user = { phone: null, role: "end-user" as const, ...given, id: serial++ } as unknown as User;
    users.push(user);
    return { status: 201, body: { user } };
  }

  function newTicket({ comment: _, ...given }: Record<string, unknown>): Ticket {
    const { external_id: externalId, tags, custom_fields: fields } = given as Partial<Ticket>;
    return {
      ...given,
      id: serial++,
      external_id: externalId ?? null,
      subject: String(given["subject"]),
      status: "new",
      requester_id: Number(given["requester_id"]),
      tags: (tags ?? []).flatMap((tag) => tag.split(/\s+/)),
      // A field that does not exist is left out without a word.
      custom_fields: (fields ?? []).filter(({ id }) => id === FIELD.id),
      audits: [],
      updates: [],
    };
  }

  async function create(call: Call): Promise<Answer> {
    const key = String(call.headers["idempotency-key"] ?? "");
    const body = call.body.toString();
    const before = answered.get(key);
    if (key && before) {
      if (before.body !== body) return { status: 400, body: { error: "IdempotentRequestError" } };
      return { ...before.answer, headers: { "x-idempotency-lookup": "hit" } };
    }
    const given = call.json["ticket"] ?? {};
    if (!(given["comment"] as { body?: string } | undefined)?.body)
      return invalid("comment", "Description: cannot be blank");
    if (!users.some(({ id }) => id === given["requester_id"]))
      return invalid("requester", "Requester: is invalid");
    const ticket = newTicket(given);
    tickets.push(ticket);
    const audit = await change(ticket, given, Number(given["submitter_id"] ?? ACCOUNT), true);
    const answer: Answer = { status: 201, body: { ticket: shown(ticket), audit } };
    if (key) answered.set(key, { body, answer });
    return { ...answer, headers: { "x-idempotency-lookup": "miss" } };
  }

  async function update(id: string | undefined, { json }: Call): Promise<Answer> {
    const ticket = ticketOf(id);
    if (!ticket) return notFound;
    ticket.updates = ticket.updates.filter((at) => now() - at < 600_000);
    if (ticket.updates.length >= updateLimit) {
      return {
        status: 429,
        headers: { "Retry-After": "93" },
        body: "Rate limit for ticket updates exceeded",
      };
    }
    const given = json["ticket"] ?? {};
    if (ticket.status === "closed") return invalid("status", "Status: closed prevents ticket update");
    if (given["status"] !== undefined && !STATUSES.includes(String(given["status"])))
      return invalid("status", "Status: is not valid");
    ticket.updates.push(now());
    const audit = await change(ticket, given, ACCOUNT);
    return { status: 200, body: { ticket: shown(ticket), audit } };
  }

  function auditsOf(id: string | undefined, { query }: Call): Answer {
    const ticket = ticketOf(id);
    if (!ticket) return notFound;
    const size = Math.min(Number(query.get("page[size]") ?? 100), auditsAPage);
    const start = Number(query.get("page[after]") ?? 0);
    const hasMore = start + size < ticket.audits.length;
    const meta = { has_more: hasMore, after_cursor: hasMore ? String(start + size) : null };
    return { status: 200, body: { audits: ticket.audits.slice(start, start + size), meta } };
  }

  function exported({ query }: Call): Answer {
    const start = Number(query.get("start_time")) * 1000;
    if (now() - start < 60_000) {
      return {
        status: 422,
        body: {
          error: "InvalidValue",
          description: "Too recent start_time. Use a start_time older than 60 seconds",
        },
      };
    }
    const withComments = query.get("include") === "comment_events";
    const found = tickets
      .flatMap(({ audits }) => audits)
      .filter(({ at }) => at >= start && at <= now() - exportLagMs)
      .sort((left, right) => left.at - right.at || left.id - right.id);
    const events = found.map((audit) => ({
      id: audit.id,
      ticket_id: audit.ticket_id,
      timestamp: Math.floor(audit.at / 1000),
      created_at: time(audit.at),
      updater_id: audit.author_id,
      via: "Web service",
      event_type: "Audit",
      child_events: audit.events.flatMap((event) => childOf(event, withComments)),
    }));
    const end = events.at(-1)?.timestamp ?? null;
    return {
      status: 200,
      body: { ticket_events: events, count: events.length, end_time: end, end_of_stream: true },
    };
  }

  function childOf(event: Child, withComments: boolean): object[] {
    if (event.type === "Comment") {
      const { files: attached, type, ...comment } = event;
      const attachments = (attached as File[]).map(fileShown);
      return withComments ? [{ ...comment, type, event_type: type, attachments }] : [];
    }
    const { id, type } = event;
    return [
      { id, event_type: type, status: event["value"], previous_value: event["previous_value"] ?? null },
    ];
  }

  function file(token: string): Answer {
    const found = files.get(token);
    if (!found) return notFound;
    if (options.fileStore) {
      return { status: 302, headers: { Location: `${options.fileStore}/store/${token}` }, body: "" };
    }
    return { status: 200, headers: { "Content-Type": "image/jpeg" }, bytes: found.bytes };
  }

  function upload({ query, body }: Call): Answer {
    const added = addFile(query.get("filename") ?? "", body);
    return { status: 201, body: { upload: { token: added.token, attachment: fileShown(added) } } };
  }

  function some<T extends { id: number }>(name: string, from: T[], { query }: Call): Answer {
    const ids = (query.get("ids") ?? "").split(",");
    return { status: 200, body: { [name]: from.filter(({ id }) => ids.includes(String(id))) } };
  }

  const done = { meta: { has_more: false, after_cursor: null } };
  const routes: Record<string, (call: Call) => Answer | Promise<Answer>> = {
    "GET /api/v2/tickets/show_many.json": (call) => some("tickets", tickets.map(shown), call),
    "POST /api/v2/tickets.json": create,
    "GET /api/v2/tickets.json": ticketsBy,
    "POST /api/v2/users/create_or_update.json": upsertUser,
    "GET /api/v2/users/show_many.json": (call) => some("users", users, call),
    "GET /api/v2/users/me.json": () => ({ status: 200, body: { user: users[0] } }),
    "POST /api/v2/uploads.json": upload,
    "GET /api/v2/groups.json": () => ({ status: 200, body: { groups: [GROUP], ...done } }),
    "GET /api/v2/ticket_fields.json": () => ({ status: 200, body: { ticket_fields: [FIELD], ...done } }),
    "GET /api/v2/incremental/ticket_events.json": exported,
  };

  function ticketsBy({ query }: Call): Answer {
    const wanted = query.get("external_id")?.toLowerCase();
    const found = tickets.filter(({ external_id: id }) => !wanted || id?.toLowerCase() === wanted);
    return { status: 200, body: { tickets: found.map(shown) } };
  }

  async function route(call: Call): Promise<Answer> {
    const { method, path } = call;
    const known = routes[`${method} ${path}`];
    if (known) return known(call);
    const [, id, part] = /^\/api\/v2\/tickets\/([^/]+?)(\/audits)?\.json$/.exec(path) ?? [];
    if (part && method === "GET") return auditsOf(id, call);
    if (id && method === "PUT") return update(id, call);
    const token = /^\/attachments\/token\/([\w-]+)\/$/.exec(path)?.[1];
    return token ? file(token) : notFound;
  }

  async function answer(call: Call): Promise<Answer> {
    calls.push({ method: call.method, path: call.path, headers: call.headers });
    const login = Buffer.from(`${EMAIL}/token:${TOKEN}`).toString("base64");
    if (call.headers.authorization === `Basic ${login}`) return route(call);
    if (call.path === "/api/v2/users/me.json") {
      return { status: 200, body: { user: { id: null, name: "Anonymous user", role: "end-user" } } };
    }
    return { status: 401, body: { error: "Couldn't authenticate you" } };
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
    const limits = { "X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "699", "ratelimit-reset": "41" };
    outgoing.writeHead(given.status, { "Content-Type": "application/json", ...limits, ...given.headers });
    outgoing.end(given.bytes ?? JSON.stringify(given.body));
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    users,
    tickets,
    calls,
    files,
    addFile,
    sendWebhooksTo: (target: string) => {
      hook = target;
    },
    /** What somebody does in Zendesk's own pages. */
    async act(id: string, given: Record<string, unknown>, actor = AGENT) {
      const ticket = ticketOf(id);
      if (!ticket) throw new Error(`there is no ticket ${id}`);
      return change(ticket, given, actor);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
