import { createHmac } from "node:crypto";
import type { TicketStatus } from "deskferry/sdk";
import {
  createDesk,
  type DeskChange,
  type DeskComment,
  type DeskTicket,
  staffOf,
} from "./home-grown-desk.ts";
import { type Asked, type Said, startAnswering } from "./home-grown-http.ts";

const words: Record<TicketStatus, string> = {
  new: "new",
  open: "open",
  pending: "pending reminder",
  solved: "pending close",
  closed: "closed",
};

export const zammad = { token: "zammad-token", hookSecret: "zammad-hook-secret", accountId: "3", lagMs: 200 };

interface Article {
  ticket_id: string;
  body: string;
  internal: boolean;
  message_id?: string;
  attachments?: { filename: string; data: string; "mime-type": string }[];
}

/**
 * Zammad as its documentation describes it (docs.zammad.org: REST API; admin-docs.zammad.org: webhooks), as far as the
 * guide's connection needs it: a search of tickets that lags, searches that find more than was asked for, articles with
 * base64 files, webhooks by two triggers signed with HMAC-SHA1.
 */
export async function startZammad() {
  const desk = createDesk(words);
  let hookUrl: string | undefined;
  const missing: Said = { status: 404, json: { error: "Couldn't find record" } };
  const isIndexed = ({ madeAt }: { madeAt: number }) => Date.now() - madeAt >= zammad.lagMs;

  function saveUser(id: string | undefined, given: Record<string, string>): Said {
    const known = desk.people.find((person) => person.id === id);
    if (id !== undefined && !known) return missing;
    if (!given["firstname"]) return { status: 422, json: { error: "Minimum one identifier is required." } };
    if (known) Object.assign(known, { name: given["firstname"] });
    const { firstname: name = "", mobile: phone = "", deskferry_id: externalId = "" } = given;
    const person = known ?? desk.addPerson({ externalId, name, phone });
    return { status: known ? 200 : 201, json: { id: Number(person.id), firstname: person.name } };
  }

  /** The index takes words apart, so that much is found which merely looks alike. */
  function findUsers(): Said {
    return {
      json: desk.people.map(({ id, name, externalId }) => ({
        id: Number(id),
        firstname: name,
        deskferry_id: externalId,
      })),
    };
  }

  function findTickets(): Said {
    const found = desk.tickets.filter(isIndexed);
    const assets = Object.fromEntries(found.map((each) => [each.id, ticketOf(each)]));
    const Ticket = found.length > 0 ? { Ticket: assets } : {};
    return {
      json: { tickets: found.map(({ id }) => Number(id)), tickets_count: found.length, assets: Ticket },
    };
  }

  function addArticle(given: Article): Said {
    const ticket = desk.ticket(String(given.ticket_id));
    if (!ticket) return missing;
    const files = (given.attachments ?? []).map(({ filename, data, "mime-type": mimeType }) => ({
      name: filename,
      mimeType,
      bytes: Buffer.from(data, "base64"),
    }));
    const comment = desk.addComment(ticket, {
      externalId: given.message_id,
      author: zammad.accountId,
      body: given.body,
      hidden: given.internal,
      files,
    });
    return { status: 201, json: articleOf(comment, ticket.id) };
  }

  function setState(ticket: DeskTicket, given: { state: string; pending_time?: string }): Said {
    if (!desk.isStatus(given.state))
      return { status: 422, json: { error: "No lookup value found for 'state'" } };
    if (given.state.startsWith("pending") && !given.pending_time) {
      return { status: 422, json: { error: "Missing required value for field 'pending_time'!" } };
    }
    desk.setStatus(ticket, given.state, zammad.accountId);
    return { json: ticketOf(ticket) };
  }

  function work(asked: Asked): Said {
    const { method, path, body } = asked;
    const [kind = "", id] = path.split("/").slice(3).map(decodeURIComponent);
    const given = () => JSON.parse(body.toString());
    const below = id === undefined ? "" : ["me", "search", "by_ticket"].includes(id) ? `/${id}` : "/-";
    switch (`${method} ${kind}${below}`) {
      case "GET users/me":
        return { json: { id: Number(zammad.accountId), login: "deskferry", active: true } };
      case "GET users/search":
        return findUsers();
      case "POST users":
        return saveUser(undefined, given());
      case "PUT users/-":
        return saveUser(id, given());
      case "GET tickets/search":
        return findTickets();
      case "POST tickets": {
        const { deskferry_id: externalId, customer_id: personId, title: subject } = given();
        return { status: 201, json: ticketOf(desk.addTicket({ externalId, personId, subject })) };
      }
      case "POST ticket_articles":
        return addArticle(given());
    }
    return ofTicket(asked);
  }

  function ofTicket({ method, path, body }: Asked): Said {
    const [kind = "", first = "", second = "", third = ""] = path.split("/").slice(3).map(decodeURIComponent);
    const ticket = desk.ticket(first === "by_ticket" ? second : first);
    if (!ticket) return missing;
    if (`${method} ${kind}` === "PUT tickets") return setState(ticket, JSON.parse(body.toString()));
    if (kind === "ticket_articles")
      return { json: ticket.comments.map((each) => articleOf(each, ticket.id)) };
    const file = ticket.comments.find((each) => each.id === second)?.files.find((each) => each.id === third);
    return file ? { bytes: file.bytes, headers: { "Content-Type": file.mimeType } } : missing;
  }

  const server = await startAnswering(async (asked) => {
    const isKnown = asked.headers.authorization === `Token token=${zammad.token}`;
    return isKnown ? work(asked) : { status: 401, json: { error: "Invalid token!" } };
  });
  desk.onChange((change) => {
    if (!hookUrl) return;
    const body = JSON.stringify(webhookOf(change));
    const signature = createHmac("sha1", zammad.hookSecret).update(body).digest("hex");
    const headers = {
      "X-Hub-Signature": `sha1=${signature}`,
      "X-Zammad-Trigger": change.comment ? "Deskferry article" : "Deskferry state",
    };
    fetch(hookUrl, { method: "POST", headers, body }).catch(() => undefined);
  });
  const staff = staffOf(desk, words);
  return {
    ...server,
    desk,
    staff: {
      ...staff,
      /** A file is found below its ticket and its article. */
      replyWithFiles: async (...given: Parameters<typeof staff.replyWithFiles>) => {
        const ids = await staff.replyWithFiles(...given);
        const article = desk.ticket(given[0])?.comments.at(-1)?.id;
        return ids.map((id) => `${given[0]}/${article}/${id}`);
      },
    },
    setHook: (url: string) => {
      hookUrl = url;
    },
  };
}

function ticketOf({ id, subject, status, externalId }: DeskTicket) {
  return {
    id: Number(id),
    number: `22${id}`,
    title: subject,
    state: status,
    deskferry_id: externalId,
    group: { name: "Users" },
  };
}

/** What staff write in the page is HTML; what came by the API is as it came. */
function articleOf({ id, author, body, hidden, externalId, files }: DeskComment, ticketId: string) {
  const isOurs = author === zammad.accountId;
  return {
    id: Number(id),
    ticket_id: Number(ticketId),
    body: isOurs
      ? body
      : `<div>${body.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("\n", "<br>")}</div>`,
    content_type: isOurs ? "text/plain" : "text/html",
    internal: hidden,
    sender: isOurs ? "Customer" : "Agent",
    message_id: externalId ?? null,
    attachments: files.map((file) => ({ id: Number(file.id), filename: file.name })),
    created_by_id: isOurs ? Number(author) : author,
    created_by: { firstname: "Emma" },
  };
}

function webhookOf({ at, author, ticket, comment }: DeskChange) {
  const by = { updated_by_id: author === zammad.accountId ? Number(author) : author, updated_at: at };
  const article = comment ? { article: { ...articleOf(comment, ticket.id), created_at: at } } : {};
  return { ticket: { ...ticketOf(ticket), ...by }, ...article };
}
