import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hmac, type TicketStatus } from "deskferry/sdk";
import type { ConnectorHarness, StaffFile } from "deskferry/sdk/testing";

/**
 * Acme Desk on loopback, as far as the connector uses it: it keeps everything in memory, answers JSON and sends signed
 * webhooks. Make it behave as the real one does, errors and oddities included: the connector is only as good as this.
 */
export interface AcmeServer {
  url: string;
  harness(): ConnectorHarness;
}

interface Contact {
  id: string;
  externalId: string;
  name: string;
}
interface Ticket {
  id: string;
  externalId: string;
  subject: string;
  status: TicketStatus;
}
interface File {
  id: string;
  name: string;
  content: string;
}
interface Comment {
  id: string;
  ticketId: string;
  externalId?: string;
  body: string;
  visibility: "public" | "internal";
  attachments: File[];
}
/** A change as the webhook and the list of changes show it. */
interface Change {
  id: number;
  type: "comment" | "status";
  at: string;
  author: string;
  ticket: Ticket;
  comment?: Comment;
  from?: TicketStatus;
}

export const token = "acme-token-0123456789";
export const webhookSecret = "acme-webhook-secret";

/** All that a body may hold; a route uses what it needs. */
interface Given {
  externalId: string;
  name: string;
  subject: string;
  status: TicketStatus;
  body: string;
  visibility: "public" | "internal";
  attachments: { name: string; content: string }[];
}

/** Routes get the parts of the path behind the pattern, the query and the body. */
type Route = [
  method: string,
  pattern: RegExp,
  run: (parts: string[], body: Given, query: URLSearchParams) => unknown,
];

export async function startAcmeServer(): Promise<AcmeServer> {
  const contacts: Contact[] = [];
  const tickets: Ticket[] = [];
  const comments: Comment[] = [];
  const changes: Change[] = [];
  const webhooks = createWebhooks();
  let hook: string | undefined;
  let count = 0;
  const nextId = () => `${++count}`;

  async function note(change: Omit<Change, "id" | "at" | "ticket">, ticket: Ticket): Promise<void> {
    const entry = { ...change, id: changes.length + 1, at: new Date().toISOString(), ticket: { ...ticket } };
    changes.push(entry);
    if (hook) webhooks.add(hook, entry);
  }
  async function comment(
    ticket: Ticket,
    author: string,
    given: Omit<Comment, "id" | "ticketId" | "attachments"> & Pick<Given, "attachments">,
  ): Promise<Comment> {
    const attachments = given.attachments.map((file) => ({ ...file, id: nextId() }));
    const made = { ...given, id: nextId(), ticketId: ticket.id, attachments };
    comments.push(made);
    await note({ type: "comment", author, comment: made }, ticket);
    return made;
  }
  async function changeStatus(ticket: Ticket, author: string, to: TicketStatus): Promise<Ticket> {
    const from = ticket.status;
    ticket.status = to;
    if (from !== to) await note({ type: "status", author, from }, ticket);
    return ticket;
  }
  const ticketOf = (id: string | undefined) => tickets.find((ticket) => ticket.id === id);

  const routes: Route[] = [
    [
      "PUT",
      /^\/contacts\/([^/]+)$/,
      ([externalId = ""], { name }) => upsert(contacts, externalId, name, nextId),
    ],
    ["POST", /^\/contacts$/, (_, { externalId, name }) => push(contacts, { id: nextId(), externalId, name })],
    [
      "POST",
      /^\/tickets$/,
      (_, { externalId, subject }) => push(tickets, { id: nextId(), externalId, subject, status: "new" }),
    ],
    ["GET", /^\/tickets$/, (_, __, query) => filtered(tickets, query)],
    ["GET", /^\/tickets\/(\d+)$/, ([id]) => ticketOf(id)],
    [
      "PUT",
      /^\/tickets\/(\d+)$/,
      ([id], { status }) => {
        const ticket = ticketOf(id);
        return ticket && changeStatus(ticket, "connector", status);
      },
    ],
    [
      "POST",
      /^\/tickets\/(\d+)\/comments$/,
      ([id], body) => {
        const ticket = ticketOf(id);
        return ticket && comment(ticket, "connector", body);
      },
    ],
    ["GET", /^\/comments$/, (_, __, query) => filtered(comments, query)],
    ["GET", /^\/files\/([^/]+)$/, ([id]) => fileOf(comments, id)],
    ["GET", /^\/changes$/, (_, __, query) => changes.filter(({ id }) => id > Number(query.get("after")))],
    ["GET", /^\/newest$/, () => ({ id: changes.length })],
  ];
  const server = createServer((request, response) => void answer(routes, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const known = (id: string) => {
    const ticket = ticketOf(id);
    if (!ticket) throw new Error(`no ticket ${id}`);
    return ticket;
  };
  const replyWithFiles = async (id: string, body: string, files: StaffFile[]) => {
    const attachments = files.map(({ name, bytes }) => ({ name, content: bytes.toString("base64") }));
    const made = await comment(known(id), "agent", { body, visibility: "public", attachments });
    return made.attachments.map((file) => file.id);
  };
  const say = async (id: string, body: string, visibility: "public" | "internal") =>
    void (await comment(known(id), "agent", { body, visibility, attachments: [] }));
  return {
    url,
    harness: () => ({
      serverUrl: url,
      settings: (address) => ({ url: address, token, webhookSecret }),
      contactsOf: async ({ externalId }) => contacts.filter((contact) => contact.externalId === externalId),
      ticketsOf: async (externalId) => tickets.filter((ticket) => ticket.externalId === externalId),
      commentsOf: async (ticketId) => comments.filter((entry) => entry.ticketId === ticketId).map(seen),
      staff: {
        reply: (id, text) => say(id, text, "public"),
        replyWithFiles,
        note: (id, text) => say(id, text, "internal"),
        setStatus: async (id, status) => void (await changeStatus(known(id), "agent", status)),
      },
      sendWebhooksTo: async (address) => {
        hook = address;
      },
      stop: async () => {
        server.closeAllConnections();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      },
    }),
  };
}

/** A filter that the server does not know is ignored, as by many real ones. */
function filtered<T extends { externalId?: string }>(all: T[], query: URLSearchParams): T[] {
  const wanted = query.get("externalId");
  return wanted === null ? all : all.filter((each) => each.externalId === wanted);
}

function fileOf(comments: Comment[], id: string | undefined): Buffer | undefined {
  const file = comments.flatMap(({ attachments }) => attachments).find((entry) => entry.id === id);
  return file && Buffer.from(file.content, "base64");
}

function upsert(contacts: Contact[], externalId: string, name: string, nextId: () => string): Contact {
  const contact = contacts.find((entry) => entry.externalId === externalId);
  if (!contact) return push(contacts, { id: nextId(), externalId, name });
  contact.name = name;
  return contact;
}

function push<T>(list: T[], item: T): T {
  list.push(item);
  return item;
}

function seen({ body, visibility, attachments }: Comment) {
  const files = attachments.map(({ name, content }) => ({ name, bytes: Buffer.from(content, "base64") }));
  return { body, visibility, attachments: files };
}

async function answer(routes: Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  response.setHeader("Content-Type", "application/json");
  if (request.headers.authorization !== `Bearer ${token}`) return end(response, 401, {});
  const text = Buffer.concat(chunks).toString();
  for (const [method, pattern, run] of routes) {
    const match = method === request.method && pattern.exec(pathname);
    if (!match) continue;
    const result = await run(
      match.slice(1).map(decodeURIComponent),
      JSON.parse(text || "{}") as Given,
      searchParams,
    );
    return end(response, result === undefined ? 404 : 200, result ?? {});
  }
  end(response, 404, {});
}

function end(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status);
  response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

const TOGETHER_MS = 20;

/** What changes within a short time leaves in one webhook, signed over its bytes. */
function createWebhooks() {
  let waiting: Change[] = [];
  return {
    add(address: string, change: Change) {
      waiting.push(change);
      if (waiting.length > 1) return;
      setTimeout(() => {
        const changes = waiting;
        waiting = [];
        void post(address, JSON.stringify({ changes }));
      }, TOGETHER_MS);
    },
  };
}

async function post(address: string, body: string): Promise<void> {
  const time = `${Math.floor(Date.now() / 1000)}`;
  const signature = hmac(webhookSecret, `${time}.${body}`, { algorithm: "sha256", encoding: "hex" });
  const sent = fetch(address, {
    method: "POST",
    headers: { "x-acme-time": time, "x-acme-signature": signature },
    body,
  });
  // Nobody may be there; the change stands all the same.
  await sent.catch(() => undefined);
}
