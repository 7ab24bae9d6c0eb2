import type { ContactKey, TicketStatus } from "deskferry/sdk";
import type { ConnectorHarness, SeenComment, StaffFile } from "deskferry/sdk/testing";
import type { RequestTracker } from "../../scripts/request-tracker.ts";

interface Fields {
  name: string;
  values: string[];
}
interface Item {
  id: string | number;
  [field: string]: unknown;
}

const statuses: Record<string, TicketStatus> = {
  new: "new",
  open: "open",
  stalled: "pending",
  resolved: "solved",
  rejected: "closed",
};
const rawOf = (status: TicketStatus) =>
  Object.keys(statuses).find((raw) => statuses[raw] === status) ?? status;

/** A token costs RT 80 ms on every request, for bcrypt; a session costs it 10. */
async function logIn({ url, agent }: RequestTracker): Promise<string> {
  const body = new URLSearchParams({ user: agent.name, pass: agent.password });
  const answer = await fetch(`${url}/NoAuth/Login.html`, { method: "POST", body, redirect: "manual" });
  await answer.arrayBuffer();
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** Looks into Request Tracker and works in it as the agent, through REST but not through the connector. */
export function createAgent(rt: RequestTracker) {
  let session: Promise<string> | undefined;
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    session ??= logIn(rt);
    const answer = await fetch(`${rt.url}/REST/2.0${path}`, {
      method,
      headers: { Cookie: await session, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
  /** A reply with files, as RT's own page sends it; the ids of the files in their order. */
  async function replyWithFiles(ticketId: string, text: string, files: StaffFile[]): Promise<string[]> {
    session ??= logIn(rt);
    const form = new FormData();
    form.set("JSON", JSON.stringify({ Content: text, ContentType: "text/plain" }));
    for (const { name, mimeType, bytes } of files) {
      form.append("Attachments", new Blob([new Uint8Array(bytes)], { type: mimeType }), name);
    }
    const answer = await fetch(`${rt.url}/REST/2.0/ticket/${ticketId}/correspond`, {
      method: "POST",
      headers: { Cookie: await session },
      body: form,
    });
    if (!answer.ok) throw new Error(`reply with files: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
    const transaction = /\/transaction\/(\d+)$/.exec(answer.headers.get("location") ?? "")?.[1];
    const parts = await list(`/transaction/${transaction}/attachments`, {
      fields: "Filename",
      orderby: "id",
    });
    return parts.filter((part) => part["Filename"]).map(({ id }) => String(id));
  }
  const get = async (path: string) => (await call("GET", path)) as Item;
  async function list(path: string, query: Record<string, string>): Promise<Item[]> {
    const items: Item[] = [];
    for (let page = 1; ; page++) {
      const parameters = new URLSearchParams({ ...query, per_page: "100", page: `${page}` });
      const answer = (await call("GET", `${path}?${parameters}`)) as { items: Item[] };
      items.push(...answer.items);
      if (answer.items.length < 100) return items;
    }
  }
  return {
    call,
    get,
    list,
    reply: (ticketId: string, text: string, contentType = "text/plain") =>
      call("POST", `/ticket/${ticketId}/correspond`, { Content: text, ContentType: contentType }),
    replyWithFiles,
    note: (ticketId: string, text: string) =>
      call("POST", `/ticket/${ticketId}/comment`, { Content: text, ContentType: "text/plain" }),
    setStatus: (ticketId: string, status: string) => call("PUT", `/ticket/${ticketId}`, { Status: status }),
  };
}

export type Agent = ReturnType<typeof createAgent>;

/** All correspondence and comments of a ticket, oldest first, with the bytes of their files. */
export async function transcriptOf(
  agent: Agent,
  ticketId: string,
): Promise<(SeenComment & { id: string })[]> {
  const transactions = await agent.list(`/ticket/${ticketId}/history`, { fields: "Type", orderby: "id" });
  const comments: (SeenComment & { id: string })[] = [];
  for (const { id, Type } of transactions) {
    if (Type !== "Correspond" && Type !== "Comment") continue;
    const parts = await agent.list(`/transaction/${id}/attachments`, { orderby: "id" });
    const read = await Promise.all(parts.map((part) => agent.get(`/attachment/${part.id}`)));
    const bytesOf = ({ Content }: Item) => Buffer.from(String(Content ?? ""), "base64");
    const text = read.find((part) => part["ContentType"] === "text/plain" && !part["Filename"]);
    comments.push({
      id: String(id),
      body: text ? bytesOf(text).toString() : "",
      visibility: Type === "Correspond" ? "public" : "internal",
      attachments: read
        .filter((part) => part["Filename"])
        .map((part) => ({ name: String(part["Filename"]), bytes: bytesOf(part) })),
    });
  }
  return comments;
}

export function fieldsOf(record: Item): Record<string, string[]> {
  const fields = (record["CustomFields"] || []) as Fields[];
  return Object.fromEntries(fields.map(({ name, values }) => [name, values]));
}

/** Request Tracker for the conformance suite. */
export function requestTrackerHarness(rt: RequestTracker): ConnectorHarness {
  const agent = createAgent(rt);
  async function contactsOf(key: ContactKey) {
    const users = await agent.list("/users", { fields: "Name,RealName,CustomFields" });
    return users
      .filter((user) => {
        const fields = fieldsOf(user);
        const byUserId = key.userId !== undefined && fields["DeskferryUserId"]?.includes(key.userId);
        const byPhone = key.phone !== undefined && fields["DeskferryPhone"]?.includes(key.phone);
        return user["Name"] === key.externalId || byUserId || byPhone;
      })
      .map((user) => ({ id: String(user.id), name: String(user["RealName"]) }));
  }
  async function ticketsOf(externalId: string) {
    const tickets = await agent.list("/tickets", { query: "id > 0", fields: "Subject,Status,CustomFields" });
    return tickets
      .filter((ticket) => fieldsOf(ticket)["DeskferryTicket"]?.includes(externalId))
      .map((ticket) => {
        const status = statuses[String(ticket["Status"])];
        return { id: String(ticket.id), subject: String(ticket["Subject"]), ...(status ? { status } : {}) };
      });
  }
  return {
    serverUrl: rt.url,
    settings: (url) => requestTrackerSettings(rt, url),
    contactsOf,
    ticketsOf,
    commentsOf: (ticketId) => transcriptOf(agent, ticketId),
    staff: {
      reply: async (ticketId, text) => void (await agent.reply(ticketId, text)),
      replyWithFiles: (ticketId, text, files) => agent.replyWithFiles(ticketId, text, files),
      note: async (ticketId, text) => void (await agent.note(ticketId, text)),
      setStatus: async (ticketId, status) => void (await agent.setStatus(ticketId, rawOf(status))),
    },
    sendWebhooksTo: (url) => rt.setHook(url),
    stop: () => rt.stop(),
  };
}

export function requestTrackerSettings(rt: RequestTracker, url = rt.url) {
  return {
    url,
    token: rt.connector.token,
    username: rt.connector.name,
    queue: rt.queue,
    webhookSecret: rt.webhookSecret,
  };
}
