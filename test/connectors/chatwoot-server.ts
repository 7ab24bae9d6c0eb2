import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hmac } from "deskferry/sdk";
import { requestProblems } from "../support/chatwoot-spec.ts";

/** A Chatwoot 4 on loopback, by its source and its description, against which every request is checked. */
export const TOKEN = "chatwoot-token-0123456789abcdef";
export const SECRET = "chatwoot-webhook-secret-0123456789";
export const ACCOUNT = 3;
export const USER = 41;
export const AGENT = 42;
export const INBOX = 7;
const CONVERSATIONS_A_PAGE = 25;

export interface ChatwootOptions {
  now?: () => number;
  /** Versions up to 4.11 do not sign. */
  signs?: boolean;
  hasAttribute?: boolean;
  isLocked?: boolean;
  /** Where files lie, when not with Chatwoot itself. */
  fileStore?: string;
}

type Fields = Record<string, unknown>;
interface File {
  id: string;
  name: string;
  bytes: Buffer;
}
export interface Message {
  id: number;
  content: string | null;
  message_type: 0 | 1 | 2 | 3;
  private: boolean;
  created_at: number;
  source_id: string | null;
  sender: Fields | null;
  files: File[];
}
export interface Conversation {
  id: number;
  inbox_id: number;
  contact_id: number;
  status: string;
  priority: string | null;
  labels: string[];
  custom_attributes: Fields;
  last_activity_at: number;
  messages: Message[];
  [field: string]: unknown;
}
interface Contact extends Fields {
  id: number;
  name: string;
  identifier: string | null;
  phone_number: string | null;
}
interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  json: Fields;
  files: File[];
}
interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  bytes?: Buffer;
}

const TYPES = ["incoming", "outgoing", "activity", "template"];
export type Chatwoot = Awaited<ReturnType<typeof startChatwoot>>;

export async function startChatwoot(options: ChatwootOptions = {}) {
  const { now = Date.now, signs = true, hasAttribute = true, isLocked = false } = options;
  const contacts: Contact[] = [];
  const conversations: Conversation[] = [];
  const files = new Map<string, File>();
  const calls: { method: string; path: string }[] = [];
  const problems: string[] = [];
  const agents = [{ id: AGENT, name: "Ann Agent", email: "ann@example.org" }];
  let serial = 100;
  let hook: string | undefined;
  let url = "";

  const seconds = () => Math.floor(now() / 1000);
  const notFound: Answer = { status: 404, body: { error: "Resource could not be found" } };
  const senderOf = (id: number) =>
    ({ id, name: agents.find((agent) => agent.id === id)?.name ?? "Deskferry", type: "user" }) as Fields;
  const conversationOf = (id: string | undefined) => conversations.find((one) => String(one.id) === id);

  function addFile(name: string, bytes: Buffer): File {
    const id = `eyJfcmFpbHMi${(serial++).toString(36)}--${"0123456789abcdef".repeat(2)}`;
    files.set(id, { id, name, bytes });
    return { id, name, bytes };
  }

  const addressOf = ({ id, name }: File) =>
    `${url}/rails/active_storage/blobs/redirect/${id}/${encodeURIComponent(name)}`;
  const attached = (message: Message) =>
    message.files.length > 0
      ? { attachments: message.files.map((file) => ({ file_type: "file", data_url: addressOf(file) })) }
      : {};
  const shown = ({ files: _, ...message }: Message, conversation: Conversation) => ({
    ...message,
    conversation_id: conversation.id,
    inbox_id: conversation.inbox_id,
    content_type: "text",
    ...attached({ ...message, files: _ }),
  });
  const listed = ({ messages, ...conversation }: Conversation) => ({
    ...conversation,
    account_id: ACCOUNT,
    messages: messages.slice(-1).map((message) => ({ id: message.id })),
    meta: { sender: { id: conversation.contact_id, type: "contact" } },
  });

  async function write(conversation: Conversation, given: Partial<Message>): Promise<Message> {
    const message: Message = {
      id: serial++,
      content: null,
      message_type: 1,
      private: false,
      created_at: seconds(),
      source_id: null,
      sender: null,
      files: [],
      ...given,
    };
    conversation.messages.push(message);
    conversation.last_activity_at = seconds();
    if (message.message_type === 0 && conversation.status === "resolved")
      await setStatus(conversation, "open");
    // Activities make no webhook.
    if (message.message_type === 2) return message;
    const { id, content, private: isPrivate, source_id, sender } = message;
    await send({
      event: "message_created",
      id,
      content,
      private: isPrivate,
      source_id,
      sender,
      content_type: "text",
      created_at: new Date(message.created_at * 1000).toISOString(),
      message_type: TYPES[message.message_type],
      account: { id: ACCOUNT, name: "City" },
      inbox: { id: conversation.inbox_id, name: "WhatsApp" },
      conversation: listed(conversation),
      ...attached(message),
    });
    return message;
  }

  async function setStatus(conversation: Conversation, status: string): Promise<void> {
    const before = conversation.status;
    if (before === status) return;
    conversation.status = status;
    conversation.last_activity_at = seconds();
    await send({
      event: "conversation_status_changed",
      ...listed(conversation),
      updated_at: now() / 1000,
      timestamp: seconds(),
      changed_attributes: [{ status: { previous_value: before, current_value: status } }],
    });
    await write(conversation, { message_type: 2, content: `Conversation was marked ${status} by somebody` });
  }

  /** Once, and whatever becomes of it. */
  async function send(payload: object): Promise<void> {
    if (!hook) return;
    const body = JSON.stringify(payload);
    const timestamp = String(seconds());
    const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
    const signature = {
      "X-Chatwoot-Signature": hmac(SECRET, `${timestamp}.${body}`, format),
      "X-Chatwoot-Timestamp": timestamp,
      "X-Chatwoot-Delivery": `delivery-${serial}`,
    };
    const headers = { "Content-Type": "application/json", ...(signs ? signature : {}) };
    await fetch(hook, { method: "POST", headers, body }).catch(() => undefined);
  }

  function takenOf(given: Fields, self?: Contact): string[] {
    const others = contacts.filter((contact) => contact !== self);
    return ["identifier", "phone_number", "email"].filter((field) =>
      others.some((contact) => given[field] && contact[field] === given[field]),
    );
  }

  const refusal = (attributes: string[]): Answer => ({
    status: 422,
    body: { message: attributes.map((name) => `${name} has already been taken`).join(", "), attributes },
  });

  function createContact({ json }: Call): Answer {
    const refused = takenOf(json);
    if (refused.length > 0) return refusal(refused);
    const { inbox_id: _, ...rest } = json;
    const contact = { identifier: null, phone_number: null, ...rest, id: serial++ } as unknown as Contact;
    contacts.push(contact);
    return {
      status: 200,
      body: { payload: { contact, contact_inbox: { source_id: `generated-${serial}` } } },
    };
  }

  function updateContact(id: string | undefined, { json }: Call): Answer {
    const contact = contacts.find((one) => String(one.id) === id);
    if (!contact) return notFound;
    const refused = takenOf(json, contact);
    if (refused.length > 0) return refusal(refused);
    Object.assign(contact, json);
    return { status: 200, body: { payload: contact } };
  }

  function search({ query }: Call): Answer {
    const term = (query.get("q") ?? "").toLowerCase();
    const hits = contacts.filter(({ name, identifier, phone_number: phone }) =>
      [name, identifier, phone].some((text) => text?.toLowerCase().includes(term)),
    );
    const page = Number(query.get("page") ?? 1);
    return {
      status: 200,
      body: { meta: { count: hits.length }, payload: hits.slice(page * 15 - 15, page * 15) },
    };
  }

  async function createConversation({ json }: Call): Promise<Answer> {
    const contactId = Number(json["contact_id"]);
    if (!contacts.some(({ id }) => id === contactId)) return notFound;
    const existing = conversations.findLast((one) => one.contact_id === contactId);
    if (isLocked && existing) return { status: 200, body: listed(existing) };
    const { message, ...given } = json;
    const conversation = {
      priority: null,
      labels: [],
      custom_attributes: {},
      status: "open",
      ...given,
      id: serial++,
      contact_id: contactId,
      last_activity_at: seconds(),
      messages: [],
    } as unknown as Conversation;
    conversations.push(conversation);
    if (message) await write(conversation, { ...(message as Fields), sender: senderOf(USER) });
    return { status: 200, body: listed(conversation) };
  }

  function list({ query }: Call): Answer {
    const status = query.get("status") ?? "open";
    const found = conversations
      .filter((one) => String(one.inbox_id) === query.get("inbox_id"))
      .filter((one) => status === "all" || one.status === status)
      .sort((left, right) => right.last_activity_at - left.last_activity_at || right.id - left.id);
    const start = (Number(query.get("page") ?? 1) - 1) * CONVERSATIONS_A_PAGE;
    const payload = found.slice(start, start + CONVERSATIONS_A_PAGE).map(listed);
    return { status: 200, body: { data: { meta: { all_count: found.length }, payload } } };
  }

  function filter({ json }: Call): Answer {
    const [rule] = json["payload"] as { attribute_key: string; values: string[] }[];
    if (!rule || !hasAttribute)
      return { status: 422, body: { error: "Invalid attribute key - [deskferry_id]" } };
    // Texts are compared without regard to case.
    const wanted = rule.values[0]?.toLowerCase();
    const found = conversations.filter(
      (one) => String(one.custom_attributes[rule.attribute_key] ?? "").toLowerCase() === wanted,
    );
    return { status: 200, body: { meta: { all_count: found.length }, payload: found.map(listed) } };
  }

  async function createMessage(conversation: Conversation, { json, files: given }: Call): Promise<Answer> {
    const isIncoming = json["message_type"] === "incoming";
    const contact = contacts.find(({ id }) => id === conversation.contact_id);
    const message = await write(conversation, {
      content: String(json["content"]),
      message_type: isIncoming ? 0 : 1,
      private: String(json["private"]) === "true",
      source_id: (json["source_id"] as string | undefined) ?? null,
      sender: isIncoming ? { id: contact?.id, name: contact?.name, type: "contact" } : senderOf(USER),
      files: given.map(({ name, bytes }) => addFile(name, bytes)),
    });
    return { status: 200, body: shown(message, conversation) };
  }

  function messages(conversation: Conversation, { query }: Call): Answer {
    const after = query.get("after");
    const found = after
      ? conversation.messages.filter(({ id }) => id > Number(after)).slice(0, 100)
      : conversation.messages.slice(-20);
    return { status: 200, body: { meta: {}, payload: found.map((message) => shown(message, conversation)) } };
  }

  const part: Record<string, (conversation: Conversation, call: Call) => Answer | Promise<Answer>> = {
    "POST messages": createMessage,
    "GET messages": messages,
    "POST labels": (conversation, { json }) => {
      conversation.labels = json["labels"] as string[];
      return { status: 200, body: { payload: conversation.labels } };
    },
    "POST toggle_priority": (conversation, { json }) => {
      conversation.priority = String(json["priority"]);
      return { status: 200, body: {} };
    },
  };
  const inbox = {
    id: INBOX,
    name: "WhatsApp",
    channel_type: "Channel::Api",
    lock_to_single_conversation: isLocked,
  };
  const routes: Record<string, (call: Call) => Answer | Promise<Answer>> = {
    "GET contacts/search": search,
    "POST contacts": createContact,
    "POST conversations": createConversation,
    "GET conversations": list,
    "POST conversations/filter": filter,
    "GET agents": () => ({ status: 200, body: agents }),
    "GET teams": () => ({ status: 200, body: [{ id: 5, name: "street lights" }] }),
    "GET inboxes": () => ({ status: 200, body: { payload: [inbox] } }),
    "GET custom_attribute_definitions": () => ({
      status: 200,
      body: hasAttribute ? [{ attribute_key: "deskferry_id" }] : [],
    }),
  };

  async function route(call: Call): Promise<Answer> {
    const { method, path } = call;
    if (path === "/api/v1/profile") return { status: 200, body: { id: USER, accounts: [{ id: ACCOUNT }] } };
    const rest = path.replace(`/api/v1/accounts/${ACCOUNT}/`, "");
    const known = routes[`${method} ${rest}`];
    if (known) return known(call);
    const [, kind, id, more] = /^(contacts|conversations)\/([^/]+)(?:\/(\w+))?$/.exec(rest) ?? [];
    if (kind === "contacts" && method === "PUT") return updateContact(id, call);
    const conversation = conversationOf(id);
    const handler = part[`${method} ${more}`];
    return conversation && handler ? handler(conversation, call) : notFound;
  }

  /** A file's address leads to another one, as Rails does it. */
  function storage(path: string): Answer {
    const [, kind, id = ""] =
      /^\/rails\/active_storage\/(blobs\/redirect|disk)\/([^/]+)\/[^/]+$/.exec(path) ?? [];
    const file = files.get(decodeURIComponent(id));
    if (!kind || !file) return notFound;
    if (kind === "disk") return { status: 200, headers: { "Content-Type": "image/png" }, bytes: file.bytes };
    return {
      status: 302,
      headers: { Location: `${options.fileStore ?? ""}/rails/active_storage/disk/${file.id}/file` },
    };
  }

  async function answer(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const target = new URL(incoming.url ?? "/", "http://localhost");
    const path = target.pathname;
    const method = incoming.method ?? "GET";
    calls.push({ method, path });
    if (path.startsWith("/rails/")) return storage(path);
    if (incoming.headers["api_access_token"] !== TOKEN)
      return { status: 401, body: { error: "Invalid Access Token" } };
    const { json, files: given } = await contentOf(incoming, body);
    problems.push(...requestProblems(method, path, withTypes(json)));
    return route({ method, path, query: target.searchParams, json, files: given });
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const given = await answer(incoming, Buffer.concat(chunks));
    const head = { "Content-Type": "application/json", Date: new Date(now()).toUTCString() };
    outgoing.writeHead(given.status, { ...head, ...given.headers });
    outgoing.end(given.bytes ?? JSON.stringify(given.body ?? {}));
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function act(id: string, given: Partial<Message> & { status?: string }) {
    const conversation = conversationOf(id);
    if (!conversation) throw new Error(`there is no conversation ${id}`);
    const { status, ...message } = given;
    if (status) await setStatus(conversation, status);
    else await write(conversation, { sender: senderOf(AGENT), ...message });
  }
  return {
    url,
    contacts,
    conversations,
    calls,
    problems,
    addFile,
    /** What somebody does in Chatwoot's own pages. */
    act,
    sendWebhooksTo: (target: string) => {
      hook = target;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** JSON, or a form with files; Node's own reader of forms knows names in any script. */
async function contentOf(incoming: IncomingMessage, body: Buffer): Promise<{ json: Fields; files: File[] }> {
  const type = incoming.headers["content-type"] ?? "";
  if (type === "application/json") return { json: JSON.parse(body.toString()) as Fields, files: [] };
  if (!type.startsWith("multipart/")) return { json: {}, files: [] };
  const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": type } }).formData();
  const json: Fields = {};
  const files: File[] = [];
  for (const [name, value] of form) {
    if (typeof value === "string") json[name] = value;
    else files.push({ id: "", name: value.name, bytes: Buffer.from(await value.arrayBuffer()) });
  }
  return { json, files };
}

/** A form knows texts only; Rails takes these for what they say. */
function withTypes(json: Fields): Fields {
  const { private: isPrivate, ...rest } = json;
  return isPrivate === undefined ? rest : { ...rest, private: String(isPrivate) === "true" };
}
