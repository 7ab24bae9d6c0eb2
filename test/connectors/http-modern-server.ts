import { createHmac, randomBytes } from "node:crypto";
import type { TicketStatus } from "deskferry/sdk";
import { createDesk, type DeskChange, type DeskComment, staffOf } from "./home-grown-desk.ts";
import { type Asked, formOf, type Said, startAnswering } from "./home-grown-http.ts";

const words: Record<TicketStatus, string> = {
  new: "received",
  open: "working",
  pending: "on hold",
  solved: "done",
  closed: "archived",
};

export const modern = {
  clientId: "deskferry",
  clientSecret: "modern-client-secret",
  hookSecret: "modern-hook-secret",
};

/**
 * A home-grown system of the better kind: JSON, OAuth 2, idempotency keys, a feed with positions, signed webhooks.
 * It has no look-ups by our ids, because it needs none.
 */
export async function startModernServer() {
  const desk = createDesk(words);
  const done = new Map<string, Said>();
  const tokens = new Set<string>();
  let tokensGiven = 0;
  let hookUrl: string | undefined;

  function giveToken({ headers, body }: Asked): Said {
    const expected = `Basic ${Buffer.from(`${modern.clientId}:${modern.clientSecret}`).toString("base64")}`;
    const { grant_type: grant } = Object.fromEntries(new URLSearchParams(body.toString()));
    if (headers.authorization !== expected) return { status: 401, json: { error: "invalid_client" } };
    if (grant !== "client_credentials") return { status: 400, json: { error: "unsupported_grant_type" } };
    const token = randomBytes(12).toString("hex");
    tokens.add(token);
    tokensGiven += 1;
    return { json: { access_token: token, token_type: "Bearer", expires_in: 600 } };
  }

  /** The same key brings the same answer, and no second record. */
  async function once({ headers }: Asked, work: () => Promise<Said>): Promise<Said> {
    const key = String(headers["idempotency-key"] ?? "");
    if (key === "") return { status: 400, json: { message: "an Idempotency-Key is needed" } };
    const before = done.get(key);
    if (before) return before;
    const said = await work();
    if ((said.status ?? 200) < 300) done.set(key, said);
    return said;
  }

  async function addEntry(asked: Asked, id: string): Promise<Said> {
    const ticket = desk.ticket(id);
    if (!ticket) return { status: 404, json: { message: "no such case" } };
    return once(asked, async () => {
      const { fields, files } = await formOf(asked);
      const comment = desk.addComment(ticket, {
        externalId: fields["reference"],
        author: "api",
        body: fields["text"] ?? "",
        hidden: fields["scope"] !== "everyone",
        files,
      });
      return { status: 201, json: { entry: { id: Number(comment.id) } } };
    });
  }

  function setState(id: string, state: string): Said {
    const ticket = desk.ticket(id);
    if (!ticket) return { status: 404, json: { message: "no such case" } };
    if (!desk.isStatus(state)) return { status: 422, json: { message: "no such state" } };
    desk.setStatus(ticket, state, "api");
    return { json: { case: { number: Number(id), state } } };
  }

  function feedAfter(after: number): Said {
    const items = desk.changes.slice(after, after + 5).map(changeOf);
    return {
      json: { items, position: after + items.length, more: after + items.length < desk.changes.length },
    };
  }

  async function work(asked: Asked): Promise<Said> {
    const [, , kind = "", id = "", below = ""] = asked.path.split("/").map(decodeURIComponent);
    const route = `${asked.method} ${kind}${id === "" ? "" : "/-"}${below === "" ? "" : `/${below}`}`;
    switch (route) {
      case "GET me":
        return { json: { login: "api", display: "Deskferry" } };
      case "PUT people/-": {
        const { name, phone } = JSON.parse(asked.body.toString());
        const known = desk.people.find((person) => person.externalId === id);
        if (known) Object.assign(known, { name });
        return { json: { person: known ?? desk.addPerson({ externalId: id, name, phone }) } };
      }
      case "POST cases":
        return once(asked, async () => {
          const { reference, person, title } = JSON.parse(asked.body.toString());
          const made = desk.addTicket({ externalId: reference, personId: person, subject: title });
          return {
            status: 201,
            json: { case: { number: Number(made.id), page: `https://modern.example/c/${made.id}` } },
          };
        });
      case "POST cases/-/entries":
        return addEntry(asked, id);
      case "PATCH cases/-":
        return setState(id, JSON.parse(asked.body.toString()).state);
      case "GET files/-": {
        const file = desk.file(id);
        if (!file) return { status: 404, json: { message: "no such file" } };
        return { bytes: file.bytes, headers: { "Content-Type": file.mimeType } };
      }
      case "GET feed/-":
        return { json: { position: desk.changes.length } };
      case "GET feed":
        return feedAfter(Number(asked.query.get("after")));
      default:
        return { status: 404, json: { message: "no such address" } };
    }
  }

  const server = await startAnswering(async (asked) => {
    if (asked.path === "/oauth/token") return giveToken(asked);
    const token = (asked.headers.authorization ?? "").replace(/^Bearer /, "");
    if (!tokens.has(token)) return { status: 401, json: { message: "who are you?" } };
    const said = await work(asked);
    return { ...said, headers: { "X-Left": "99", ...said.headers } };
  });
  desk.onChange((change) => {
    if (!hookUrl) return;
    const body = JSON.stringify({ items: [changeOf(change)] });
    const time = String(Math.floor(Date.now() / 1000));
    const signature = createHmac("sha256", modern.hookSecret).update(`${time}.${body}`).digest("hex");
    const headers = { "X-Desk-Time": time, "X-Desk-Signature": `sha256=${signature}` };
    fetch(hookUrl, { method: "POST", headers, body }).catch(() => undefined);
  });
  return {
    ...server,
    desk,
    staff: staffOf(desk, words),
    /** As an administrator withdraws them. */
    withdrawTokens: () => tokens.clear(),
    tokensGiven: () => tokensGiven,
    setHook: (url: string) => {
      hookUrl = url;
    },
  };
}

function changeOf({ number, at, author, ticket, comment, status }: DeskChange) {
  return {
    number,
    when: at,
    who: { login: author, display: author === "api" ? "Deskferry" : "Staff" },
    case: {
      number: Number(ticket.id),
      reference: ticket.externalId,
      title: ticket.subject,
      state: ticket.status,
    },
    ...(comment ? { entry: entryOf(comment) } : {}),
    ...(status ? { moved: status } : {}),
  };
}

function entryOf({ id, externalId, body, hidden, files }: DeskComment) {
  return {
    id: Number(id),
    reference: externalId ?? null,
    text: body,
    scope: hidden ? "staff" : "everyone",
    files: files.map((file) => ({ id: file.id, name: file.name })),
  };
}
