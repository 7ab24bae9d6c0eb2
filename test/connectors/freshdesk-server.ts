import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A Freshdesk on loopback, by its public documentation (API v2): no description of the API is kept beside the tests. */
export const API_KEY = "freshdesk-key-0123456789";
export const DESKFERRY = 7_001;
export const AGENT = 7_002;
export const GROUP = { id: 8_001, name: "Street lights" };

export interface FreshdeskOptions {
  /** How long search does not know a new ticket. Freshdesk: "a few minutes". */
  indexLagMs?: number;
  /** Bytes of all files of a ticket together. Freshdesk: 20 MB. */
  filesLimit?: number;
  /** Calls until 429 is answered; without it there is no limit. */
  calls?: number;
  /** Fields of tickets that the account has. */
  ticketFields?: string[];
  /** Accounts differ in how their own fields are found. */
  searchBy?: "custom_string" | "name";
  /** Whether `include=stats` tells when a status was set, which is not documented. */
  tellsStatusTime?: boolean;
  now?: () => number;
}

interface Contact {
  id: number;
  name: string;
  unique_external_id: string | null;
  email: string | null;
  [field: string]: unknown;
}
interface File {
  id: number;
  name: string;
  content_type: string;
  bytes: Buffer;
}
export interface Conversation {
  id: number;
  body: string;
  incoming: boolean;
  private: boolean;
  user_id: number;
  source: number;
  created_at: string;
  files: File[];
}
export interface Ticket {
  id: number;
  subject: string;
  status: number;
  custom_fields: Record<string, unknown>;
  created_at: string;
  updated_at: string;
  statusAt: string;
  conversations: Conversation[];
  isDeleted: boolean;
  madeAt: number;
  [field: string]: unknown;
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
type Fields = Record<string, unknown>;
const notFound: Answer = { status: 404 };
const binned: Answer = {
  status: 405,
  body: { message: "PUT method is not allowed. It should be one of these method(s): GET" },
};

function invalid(field: string, code: string, message = "It should not be this"): Answer {
  return { status: 400, body: { description: "Validation failed", errors: [{ field, message, code }] } };
}

/** What Freshdesk's sanitizer leaves: no comments, scripts and attributes beside style and href. */
function sanitized(html: string): string {
  return html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, "")
    .replace(/\s(?!style=|href=)[\w-]+="[^"]*"(?=[^<>]*>)/g, "");
}

export type Freshdesk = Awaited<ReturnType<typeof startFreshdesk>>;

export async function startFreshdesk(options: FreshdeskOptions = {}) {
  const {
    indexLagMs = 400,
    filesLimit = 20 * 1024 * 1024,
    now = Date.now,
    searchBy = "custom_string",
  } = options;
  const ticketFields = options.ticketFields ?? ["cf_deskferry_ticket", "cf_deskferry_change", "cf_district"];
  const contacts: Contact[] = [];
  const tickets: Ticket[] = [];
  const calls: { method: string; path: string; query: string; headers: IncomingMessage["headers"] }[] = [];
  let left = options.calls ?? Number.POSITIVE_INFINITY;
  let serial = 43_000_000_000;
  let publicUrl = "";

  const time = () => new Date(now()).toISOString().replace(/\.\d+Z$/, "Z");
  const ticketOf = (id: string | undefined) => tickets.find((ticket) => String(ticket.id) === id);

  function saveContact(fields: Fields, existing?: Contact): Answer {
    if (!existing && typeof fields["name"] !== "string") return invalid("name", "missing_field");
    for (const field of ["unique_external_id", "email"]) {
      const holder = contacts.find(
        (each) => each !== existing && each[field] && each[field] === fields[field],
      );
      if (!holder) continue;
      const additional_info = { user_id: holder.id };
      const errors = [
        { field, additional_info, message: "It should be a unique value", code: "duplicate_value" },
      ];
      return { status: 409, body: { description: "Validation failed", errors } };
    }
    const contact = existing ?? { id: serial++, name: "", unique_external_id: null, email: null };
    Object.assign(contact, fields, { updated_at: time() });
    if (!existing) contacts.push(contact);
    return { status: existing ? 200 : 201, body: contact };
  }

  function createTicket(fields: Fields): Answer {
    for (const needed of ["requester_id", "subject", "description"]) {
      if (!fields[needed]) return invalid(needed, "missing_field");
    }
    if (!contacts.some(({ id }) => id === fields["requester_id"]))
      return invalid("requester_id", "invalid_value");
    if (Boolean(fields["due_by"]) !== Boolean(fields["fr_due_by"])) return invalid("due_by", "missing_field");
    const custom = (fields["custom_fields"] ?? {}) as Fields;
    const unknown = Object.keys(custom).find((name) => !ticketFields.includes(name));
    if (unknown) return invalid(`custom_fields.${unknown}`, "invalid_field");
    const at = time();
    const ticket: Ticket = {
      status: 2,
      ...fields,
      id: tickets.length + 1,
      subject: String(fields["subject"]),
      custom_fields: { ...Object.fromEntries(ticketFields.map((name) => [name, null])), ...custom },
      created_at: at,
      updated_at: at,
      statusAt: at,
      conversations: [],
      isDeleted: false,
      madeAt: now(),
    };
    tickets.push(ticket);
    return { status: 201, body: shown(ticket) };
  }

  function changeTicket(ticket: Ticket, fields: Fields): Answer {
    if (ticket.isDeleted) return binned;
    const { status, custom_fields: custom, ...rest } = fields;
    if (status !== undefined && ![2, 3, 4, 5, 6, 7].includes(Number(status)))
      return invalid("status", "invalid_value");
    if (status !== undefined && status !== ticket.status) {
      ticket.status = Number(status);
      ticket.statusAt = time();
    }
    Object.assign(ticket, rest);
    Object.assign(ticket.custom_fields, custom ?? {});
    ticket.updated_at = time();
    return { status: 200, body: shown(ticket) };
  }

  function addConversation(ticket: Ticket, note: Omit<Conversation, "id" | "created_at">): Conversation {
    const conversation = { ...note, body: sanitized(note.body), id: serial++, created_at: time() };
    ticket.conversations.push(conversation);
    ticket.updated_at = conversation.created_at;
    return conversation;
  }

  async function createNote(ticket: Ticket, call: Call): Promise<Answer> {
    if (ticket.isDeleted) return binned;
    const { fields, files } = await contentOf(call);
    if (typeof fields["body"] !== "string" || fields["body"] === "") return invalid("body", "missing_field");
    const present = ticket.conversations.flatMap((each) => each.files);
    const size = [...present, ...files].reduce((sum, file) => sum + file.bytes.length, 0);
    if (size > filesLimit)
      return invalid("attachments", "invalid_size", "The total size of the attachments is too large");
    const conversation = addConversation(ticket, {
      body: fields["body"],
      incoming: String(fields["incoming"] ?? "false") === "true",
      private: String(fields["private"] ?? "true") === "true",
      user_id: Number(fields["user_id"] ?? DESKFERRY),
      source: 2,
      files: files.map((file) => ({ ...file, id: serial++ })),
    });
    return { status: 201, body: conversationShown(conversation, ticket) };
  }

  const shown = ({ conversations: _, statusAt: __, isDeleted: ___, madeAt: ____, ...ticket }: Ticket) =>
    ticket;

  function conversationShown({ files, ...conversation }: Conversation, ticket: Ticket) {
    const attachments = files.map(({ id, name, content_type, bytes }) => ({
      id,
      name,
      content_type,
      size: bytes.length,
      attachment_url: `${publicUrl}/cdn/attachments/${id}?X-Amz-Signature=0a1b2c`,
    }));
    const body_text = conversation.body.replace(/<[^>]*>/g, " ");
    return { ...conversation, body_text, ticket_id: ticket.id, attachments };
  }

  function listTickets(query: URLSearchParams): Answer {
    const since = Date.parse(query.get("updated_since") ?? "1970-01-01T00:00:00Z");
    const order = (query.get("order_by") ?? "created_at") as "created_at" | "updated_at";
    const sign = query.get("order_type") === "asc" ? 1 : -1;
    const listed = tickets
      .filter((ticket) => !ticket.isDeleted && Date.parse(ticket.updated_at) >= since)
      .sort(
        (left, right) => sign * (Date.parse(left[order]) - Date.parse(right[order]) || left.id - right.id),
      )
      .map((ticket) => ({
        ...shown(ticket),
        ...(query.get("include") === "stats"
          ? {
              stats: {
                resolved_at: null,
                ...(options.tellsStatusTime === false ? {} : { status_updated_at: ticket.statusAt }),
              },
            }
          : {}),
      }));
    return paged(listed, query);
  }

  function paged(items: unknown[], query: URLSearchParams): Answer {
    const size = Number(query.get("per_page") ?? 30);
    if (size > 100) return invalid("per_page", "invalid_value");
    const start = (Number(query.get("page") ?? 1) - 1) * size;
    return { status: 200, body: items.slice(start, start + size) };
  }

  function search(query: string): Answer {
    const match = /^"(\w+):'([^']*)'"$/.exec(query);
    const known = searchBy === "custom_string" ? ["custom_string"] : ticketFields;
    if (!match?.[1] || !known.includes(match[1])) return invalid(match?.[1] ?? "query", "invalid_field");
    const word = (match[2] ?? "").toLowerCase();
    // Search finds by the beginning, whatever the capitals, and in any field of text.
    const results = tickets.filter(
      ({ madeAt, custom_fields }) =>
        now() - madeAt >= indexLagMs &&
        Object.values(custom_fields).some((value) => String(value).toLowerCase().startsWith(word)),
    );
    return { status: 200, body: { total: results.length, results: results.slice(0, 30).map(shown) } };
  }

  function file(id: string, headers: IncomingMessage["headers"]): Answer {
    // The store takes one way of being authorised, not two.
    if (headers.authorization)
      return { status: 400, bytes: Buffer.from("<Error><Code>InvalidArgument</Code></Error>") };
    const found = tickets
      .flatMap(({ conversations }) => conversations.flatMap(({ files }) => files))
      .find((each) => String(each.id) === id);
    if (!found) return { status: 403, bytes: Buffer.from("<Error><Code>AccessDenied</Code></Error>") };
    return { status: 200, bytes: found.bytes, headers: { "Content-Type": found.content_type } };
  }

  async function respond(call: Call): Promise<Answer> {
    const stored = /^\/cdn\/attachments\/(\d+)$/.exec(call.path)?.[1];
    if (stored) return file(stored, call.headers);
    const login = Buffer.from(`${API_KEY}:X`).toString("base64");
    if (call.headers.authorization !== `Basic ${login}`) {
      return {
        status: 401,
        body: { code: "invalid_credentials", message: "You have to be logged in to perform this action." },
      };
    }
    if (left-- <= 0)
      return {
        status: 429,
        headers: { "Retry-After": "34" },
        body: { message: "You have exceeded the limit of requests per minute" },
      };
    return api(call);
  }

  async function api(call: Call): Promise<Answer> {
    const pattern = /^\/api\/v2\/(search\/tickets|[a-z_]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/;
    const [, resource = "", id, part] = pattern.exec(call.path) ?? [];
    const fixed: Record<string, unknown> = {
      "agents/me": { id: DESKFERRY, contact: { name: "Deskferry", email: "deskferry@example.org" } },
      agents: [{ id: AGENT, contact: { email: "ann@example.org" } }],
      groups: [GROUP],
      ticket_fields: ticketFields.map((name, index) => ({ id: index, name, type: "custom_text" })),
    };
    const body = fixed[id === undefined ? resource : `${resource}/${id}`];
    if (body !== undefined) return { status: 200, body };
    if (resource === "search/tickets") return search(call.query.get("query") ?? "");
    if (resource === "contacts") return contactsApi(call, id);
    return resource === "tickets" ? ticketsApi(call, id, part) : notFound;
  }

  async function ticketsApi(call: Call, id: string | undefined, part: string | undefined): Promise<Answer> {
    const isPost = call.method === "POST";
    if (id === undefined)
      return isPost ? createTicket((await contentOf(call)).fields) : listTickets(call.query);
    const ticket = ticketOf(id);
    if (!ticket) return notFound;
    if (part === "notes") return createNote(ticket, call);
    if (part === "conversations") {
      const listed = ticket.conversations.map((each) => conversationShown(each, ticket));
      return paged(listed, call.query);
    }
    if (call.method === "PUT") return changeTicket(ticket, (await contentOf(call)).fields);
    return { status: 200, body: shown(ticket) };
  }

  async function contactsApi(call: Call, id: string | undefined): Promise<Answer> {
    if (call.method === "GET") {
      const wanted = call.query.get("unique_external_id");
      return {
        status: 200,
        body: contacts.filter((each) => wanted === null || each.unique_external_id === wanted),
      };
    }
    const existing = contacts.find((each) => String(each.id) === id);
    if (id !== undefined && !existing) return notFound;
    return saveContact((await contentOf(call)).fields, existing);
  }

  async function contentOf({ headers, body }: Call) {
    const type = String(headers["content-type"] ?? "");
    const files: Omit<File, "id">[] = [];
    if (!type.startsWith("multipart/"))
      return { fields: JSON.parse(body.toString() || "{}") as Fields, files };
    const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": type } }).formData();
    const fields: Fields = {};
    for (const [name, value] of form) {
      if (typeof value === "string") fields[name] = value;
      else if (name === "attachments[]") {
        files.push({
          name: value.name,
          content_type: value.type,
          bytes: Buffer.from(await value.arrayBuffer()),
        });
      }
    }
    return { fields, files };
  }

  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? "/", "http://freshdesk");
    const { method = "GET", headers } = incoming;
    const call: Call = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: Buffer.concat(chunks),
    };
    calls.push({ method, path: call.path, query: url.search, headers });
    const answer = await respond(call);
    const remaining = Number.isFinite(left) ? { "X-RateLimit-Remaining": String(Math.max(0, left)) } : {};
    outgoing.writeHead(answer.status, {
      "Content-Type": "application/json; charset=utf-8",
      Date: new Date(now()).toUTCString(),
      ...remaining,
      ...answer.headers,
    });
    outgoing.end(answer.bytes ?? (answer.body === undefined ? "" : JSON.stringify(answer.body)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  publicUrl = url;
  return {
    url,
    contacts,
    tickets,
    calls,
    /** Addresses of files begin with it. */
    isSeenAs: (address: string) => {
      publicUrl = address;
    },
    allow: (count: number) => {
      left = count;
    },
    /** What staff do in Freshdesk's pages. */
    reply(ticketId: string, body: string, files: Omit<File, "id">[] = []): Conversation {
      const ticket = ticketOf(ticketId);
      if (!ticket) throw new Error(`no ticket ${ticketId}`);
      const added = files.map((each) => ({ ...each, id: serial++ }));
      return addConversation(ticket, {
        body,
        incoming: false,
        private: false,
        user_id: AGENT,
        source: 0,
        files: added,
      });
    },
    note(ticketId: string, body: string, note: Partial<Conversation> = {}): Conversation {
      const ticket = ticketOf(ticketId);
      if (!ticket) throw new Error(`no ticket ${ticketId}`);
      return addConversation(ticket, {
        body,
        incoming: false,
        private: true,
        user_id: AGENT,
        source: 2,
        files: [],
        ...note,
      });
    },
    setStatus(ticketId: string, status: number): void {
      const ticket = ticketOf(ticketId);
      if (ticket) changeTicket(ticket, { status });
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
