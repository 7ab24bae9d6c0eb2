import { createHmac } from "node:crypto";
import { type Asked, type Said, startAnswering } from "./home-grown-http.ts";

export const TOKEN = "zammad-token";
export const SECRET = "zammad-hook-secret";
export const DESKFERRY = 3;
export const AGENT = 4;
export const ATTRIBUTE = "deskferry_key";

type Fields = Record<string, unknown>;

interface User extends Fields {
  id: number;
  login: string;
  firstname: string;
  lastname: string;
  email: string;
  madeAt: number;
  /** The login that was asked for. */
  wanted?: string;
}
export interface File {
  id: number;
  filename: string;
  mimeType: string;
  bytes: Buffer;
  /** Shown within the text, and not listed. */
  isInline?: boolean;
}
export interface Article {
  id: number;
  ticket_id: number;
  type: string;
  sender: string;
  internal: boolean;
  body: string;
  content_type: string;
  message_id: string | null;
  origin_by_id: number | null;
  created_by_id: number;
  created_at: string;
  updated_at: string;
  files: File[];
}
interface Change {
  id: number;
  o_id: number;
  object: "Ticket" | "Ticket::Article";
  type: string;
  attribute?: string;
  value_from?: string;
  value_to?: string;
  created_by_id: number;
  created_at: string;
}
export interface Ticket extends Fields {
  id: number;
  title: string;
  state: string;
  group: string;
  priority: string;
  owner_id: number;
  tags: string[];
  preferences: Fields;
  updated_by_id: number;
  updated_at: string;
  madeAt: number;
  articles: Article[];
  history: Change[];
}

export interface ZammadOptions {
  /** How long the index, which answers searches by words, does not know a record. */
  indexLagMs?: number;
  userIndexLagMs?: number;
  now?: () => number;
  /** Attributes of tickets that an administrator has made, and how much they hold: the rest is cut off. */
  attributes?: string[];
  attributeLength?: number;
  permissions?: string[];
  /** A version, or a proxy, that does not know conditions. */
  ignoresConditions?: boolean;
  dropsFrom?: boolean;
  states?: string[];
  /** Between a change and its webhook, which shows the ticket as it is then. */
  webhookDelayMs?: number;
}

const STATES = ["new", "open", "pending reminder", "pending close", "closed", "merged"];
const PRIORITIES = ["1 low", "2 normal", "3 high"];
const OWN_FIELDS = ["title", "customer_id", "preferences", "pending_time"];
const agents = [
  { id: DESKFERRY, login: "deskferry", firstname: "Desk", lastname: "Ferry", email: "deskferry@example.org" },
  { id: AGENT, login: "emma", firstname: "Emma", lastname: "Taylor", email: "emma@example.org" },
];

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
const unprocessable = (message: string) => new Refusal(422, message);
const missing = (what: string, id: unknown) => new Refusal(404, `Couldn't find ${what} with 'id'=${id}`);

/** How Zammad parts a name that stands in one field; with a comma the last name is taken to stand first. */
function guessed(name: string): { firstname: string; lastname: string } {
  const [last, first] = name.split(/, (.*)/s);
  if (first) return { firstname: first.trim(), lastname: (last ?? "").trim() };
  const [, before, after] = /^((?:(?:Dr\.|Prof\.)\s)?.+?)\s(.+)$/is.exec(name) ?? [];
  return before && after
    ? { firstname: before.trim(), lastname: after.trim() }
    : { firstname: name, lastname: "" };
}

export type Zammad = Awaited<ReturnType<typeof startZammad>>;

/**
 * Zammad as its documentation and its source tell (github.com/zammad/zammad, 6.x): no description of its API is published.
 * Fields that it does not know it leaves out without a word; searches by words lag and find what merely looks alike,
 * searches by conditions do neither; webhooks show the ticket as it is when they leave.
 */
export async function startZammad(options: ZammadOptions = {}) {
  const { indexLagMs = 300, now = Date.now, webhookDelayMs = 0 } = options;
  const {
    userIndexLagMs = indexLagMs,
    permissions = ["ticket.agent", "admin.user"],
    states = STATES,
  } = options;
  const attributes = options.attributes ?? [ATTRIBUTE, "district"];
  const users: User[] = agents.map((agent) => ({ ...agent, madeAt: 0 }));
  const tickets: Ticket[] = [];
  const calls: { method: string; path: string; query: string; headers: Asked["headers"] }[] = [];
  let serial = 100;
  let hook: string | undefined;
  let sending = Promise.resolve();

  const time = () => new Date(now()).toISOString();
  const groups = ["Users", "Street lights"];
  const userOf = (id: unknown) => users.find((user) => String(user.id) === String(id));
  const ticketOf = (id: unknown): Ticket => {
    const found = tickets.find((ticket) => String(ticket.id) === String(id));
    if (!found) throw missing("Ticket", id);
    return found;
  };
  const articleOf = (id: unknown): Article => {
    const found = tickets
      .flatMap(({ articles }) => articles)
      .find((article) => String(article.id) === String(id));
    if (!found) throw missing("Ticket::Article", id);
    return found;
  };
  const pick = (given: Fields, known: string[]) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => known.includes(name)));

  const cut = (given: Fields) =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        typeof value === "string" ? value.slice(0, options.attributeLength ?? 255) : value,
      ]),
    );

  function nameOf(what: string, given: Fields, known: string[]): string | undefined {
    const name = given[what];
    if (name === undefined) return undefined;
    if (!known.includes(String(name))) throw unprocessable(`No lookup value found for '${what}': "${name}"`);
    return String(name);
  }

  function saveUser(given: Fields, existing?: User): User {
    const { email, organization } = given;
    if (email && users.some((user) => user !== existing && user.email === String(email).toLowerCase()))
      throw unprocessable(`Email address '${email}' is already used for another user.`);
    nameOf("organization", { organization }, ["City"]);
    const user: User = Object.assign(
      existing ?? {
        id: serial++,
        login: "",
        firstname: "",
        lastname: "",
        email: "",
        mobile: "",
        madeAt: now(),
      },
      pick(given, ["login", "firstname", "lastname", "email", "mobile", "note", "organization", ATTRIBUTE]),
    );
    if (!user.firstname || !user.lastname) Object.assign(user, guessed(user.firstname || user.lastname));
    if (!existing) giveLogin(user);
    return user;
  }

  /** Where another user has the login, a number goes behind it. */
  function giveLogin(user: User): void {
    const wanted = (user.login || `auto-${serial}`).toLowerCase().trim();
    const suffixes = ["", ...Array.from({ length: 20 }, (_, index) => String(index + 1))];
    user.login =
      wanted + (suffixes.find((suffix) => !users.some(({ login }) => login === wanted + suffix)) ?? "");
    user.wanted = wanted;
    users.push(user);
  }

  function note(ticket: Ticket, change: Omit<Change, "id" | "created_at">): void {
    ticket.updated_at = time();
    ticket.updated_by_id = change.created_by_id;
    ticket.history.push({ ...change, id: serial++, created_at: ticket.updated_at });
  }

  function createTicket(given: Fields): Ticket {
    const group = nameOf("group", given, groups);
    if (!group && given["group_id"] === undefined)
      throw unprocessable("The required value 'group_id' is missing.");
    const owner = nameOf(
      "owner",
      given,
      agents.map(({ login }) => login),
    );
    const priority = nameOf("priority", given, PRIORITIES);
    const ticket: Ticket = {
      ...Object.fromEntries(attributes.map((name) => [name, null])),
      ...pick(given, OWN_FIELDS),
      ...cut(pick(given, attributes)),
      title: String(given["title"] ?? "").slice(0, 250),
      state: "new",
      group: group ?? groups[Number(given["group_id"]) - 1] ?? "Users",
      priority: priority ?? "2 normal",
      owner_id: agents.find(({ login }) => login === owner)?.id ?? Number(given["owner_id"] ?? 1),
      tags: given["tags"]
        ? String(given["tags"])
            .split(",")
            .map((tag) => tag.trim())
        : [],
      preferences: {},
      id: serial++,
      updated_by_id: DESKFERRY,
      updated_at: time(),
      created_at: time(),
      madeAt: now(),
      articles: [],
      history: [],
    };
    if (!userOf(given["customer_id"])) throw unprocessable("No lookup value found for 'customer'");
    tickets.push(ticket);
    if (given["article"]) addArticle(ticket, given["article"] as Fields, DESKFERRY);
    return ticket;
  }

  function filesIn(given: Fields): File[] {
    const attached = (given["attachments"] ?? []) as Record<string, string>[];
    return attached.map((file, index) => {
      for (const key of ["mime-type", "filename", "data"])
        if (file[key] === undefined)
          throw unprocessable(`Attachment needs '${key}' param for attachment with index '${index}'`);
      const { data = "", filename = "", "mime-type": mimeType = "" } = file;
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data) || data.length % 4 > 0)
        throw unprocessable(`Invalid base64 for attachment with index '${index}'`);
      return { id: serial++, filename, mimeType, bytes: Buffer.from(data, "base64") };
    });
  }

  function addArticle(ticket: Ticket, given: Fields, author: number, files = filesIn(given)): Article {
    if (given["body"] === undefined) throw unprocessable("Need at least an 'article body' field.");
    const article: Article = {
      type: "note",
      sender: "Agent",
      internal: false,
      content_type: "text/plain",
      message_id: null,
      origin_by_id: null,
      ...pick(given, ["type", "sender", "internal", "content_type", "message_id", "origin_by_id"]),
      body: String(given["body"]).replaceAll("\u0000", ""),
      id: serial++,
      ticket_id: ticket.id,
      created_by_id: author,
      created_at: time(),
      updated_at: time(),
      files,
    };
    ticket.articles.push(article);
    note(ticket, { object: "Ticket::Article", o_id: article.id, type: "created", created_by_id: author });
    send("Deskferry article", ticket, article);
    return article;
  }

  function setState(ticket: Ticket, given: Fields, author: number): void {
    const state = nameOf("state", given, states);
    if (!state) return;
    if (state.startsWith("pending") && !given["pending_time"])
      throw unprocessable("Missing required value for field 'pending_time'!");
    const change = { attribute: "state", value_from: ticket.state, value_to: state };
    if (ticket.state === state) return;
    ticket.state = state;
    note(ticket, { object: "Ticket", o_id: ticket.id, type: "updated", ...change, created_by_id: author });
    send("Deskferry state", ticket);
  }

  function updateTicket(ticket: Ticket, given: Fields): Ticket {
    const preferences = { ...ticket.preferences, ...((given["preferences"] as Fields | undefined) ?? {}) };
    const before = ticket.preferences;
    ticket.preferences = preferences;
    try {
      setState(ticket, given, DESKFERRY);
    } catch (error) {
      ticket.preferences = before;
      throw error;
    }
    return ticket;
  }

  function shown({ articles, history: _, madeAt: __, ...ticket }: Ticket) {
    return {
      ...ticket,
      owner: userOf(ticket.owner_id)?.login ?? "-",
      article_ids: articles.map(({ id }) => id),
    };
  }
  /** Pictures of the text are not among the attachments. */
  function shownArticle({ files, ...article }: Article) {
    const attachments = files
      .filter(({ isInline }) => !isInline)
      .map(({ id, filename, bytes, mimeType }) => ({
        id,
        filename,
        size: String(bytes.length),
        preferences: { "Mime-Type": mimeType },
      }));
    return { ...article, created_by: userOf(article.created_by_id)?.login ?? "-", attachments };
  }

  /** What was changed when the webhook leaves is what it shows. A failure is tried again, five times in all. */
  function send(trigger: string, ticket: Ticket, article?: Article): void {
    const target = hook;
    if (!target || ticket[ATTRIBUTE] === null) return;
    const delivery = `delivery-${serial}`;
    sending = sending.then(async () => {
      if (webhookDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, webhookDelayMs));
      const person = (id: number) => ({ ...userOf(id), id });
      const body = JSON.stringify({
        ticket: {
          ...shown(ticket),
          group: { id: 1, name: ticket.group },
          priority: { id: 2, name: ticket.priority },
          owner: person(ticket.owner_id),
          updated_by: person(ticket.updated_by_id),
        },
        article: article ? { ...shownArticle(article), created_by: person(article.created_by_id) } : {},
      });
      const headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Zammad User Agent",
        "X-Zammad-Trigger": trigger,
        "X-Zammad-Delivery": delivery,
        "X-Hub-Signature": `sha1=${createHmac("sha1", SECRET).update(body).digest("hex")}`,
      };
      await fetch(target, { method: "POST", headers, body }).catch(() => undefined);
    });
  }

  /** By conditions the database is asked: exactly, and at once. By words the index. */
  function search(given: Fields): Ticket[] {
    const condition = (given["condition"] ?? {}) as Record<string, { operator: string; value: string }>;
    const size = Math.min(Number(given["per_page"] ?? given["limit"] ?? 50), 200);
    const start = (Number(given["page"] ?? 1) - 1) * size;
    const rules = options.ignoresConditions ? [] : Object.entries(condition);
    const columns = ["updated_at", "created_at", ...attributes].map((name) => `ticket.${name}`);
    // The database's complaint is kept from those who are not administrators.
    if (rules.some(([name]) => !columns.includes(name)))
      throw unprocessable("Error ID xK2b9Qd1: Please contact your administrator.");
    const found = given["query"]
      ? tickets.filter(({ madeAt }) => now() - madeAt >= indexLagMs)
      : tickets.filter((ticket) => rules.every(([name, rule]) => matches(ticket, name, rule)));
    const by = String(given["sort_by"] ?? "updated_at");
    const sign = given["order_by"] === "asc" ? 1 : -1;
    const key = (ticket: Ticket) => Date.parse(String(ticket[by]));
    return found.sort((left, right) => sign * (key(left) - key(right))).slice(start, start + size);
  }

  function matches(ticket: Ticket, name: string, { operator, value }: { operator: string; value: string }) {
    const actual = String(ticket[name.replace(/^ticket\./, "")] ?? "");
    if (operator === "is") return actual === value;
    if (operator === "contains") return actual.toLowerCase().includes(value.toLowerCase());
    if (operator === "after (absolute)") return Date.parse(actual) >= Date.parse(value);
    throw new Refusal(500, `Invalid operator '${operator}'`);
  }

  /** In whose name a request is made. */
  function actorOf({ headers }: Asked): User {
    if (headers.authorization !== `Token token=${TOKEN}`) throw new Refusal(401, "Invalid token!");
    const from = options.dropsFrom ? undefined : headers.from;
    const real = userOf(DESKFERRY);
    if (!real) throw new Refusal(401, "Invalid token!");
    if (!from) return real;
    if (!permissions.includes("admin.user"))
      throw new Refusal(403, "Current user has no permission to use 'From'/'X-On-Behalf-Of'!");
    const wanted = from.toLowerCase().trim();
    const found = users.find(({ login, email, id }) => [login, email, String(id)].includes(wanted));
    if (!found) throw new Refusal(403, `No such user '${from}'`);
    return found;
  }

  function attachment(ticketId: unknown, articleId: unknown, fileId: unknown): Said {
    const ticket = ticketOf(ticketId);
    const article = articleOf(articleId);
    if (article.ticket_id !== ticket.id)
      throw new Refusal(403, "The article does not belong to the specified ticket.");
    const file = article.files.find(({ id }) => String(id) === String(fileId));
    if (!file) throw new Refusal(403, "The file does not belong to the specified article.");
    return { bytes: file.bytes, headers: { "Content-Type": file.mimeType } };
  }

  const flat = ({ madeAt: _, wanted: __, ...user }: User) => user;
  const list = (names: string[]) => names.map((name, index) => ({ id: index + 1, name, active: true }));

  function work(asked: Asked): Said {
    const actor = actorOf(asked);
    const { method, path, query, body } = asked;
    const [kind = "", id, ...more] = path.split("/").slice(3).map(decodeURIComponent);
    const given = (): Fields => (body.length > 0 ? (JSON.parse(body.toString()) as Fields) : {});
    const asQuery = Object.fromEntries(query);
    const isWord = ["me", "search", "by_ticket"].includes(id ?? "");
    switch (`${method} ${kind}${id === undefined ? "" : isWord ? `/${id}` : "/-"}`) {
      case "GET users/me":
        return { json: flat(actor) };
      case "GET users/search":
        return { json: users.filter(({ madeAt }) => now() - madeAt >= userIndexLagMs).map(flat) };
      case "POST users":
        return { status: 201, json: flat(saveUser(given())) };
      case "PUT users/-": {
        const user = userOf(id);
        if (!user) throw missing("User", id);
        return { json: flat(saveUser(given(), user)) };
      }
      case "POST tickets":
        return { status: 201, json: shown(createTicket(given())) };
      case "PUT tickets/-":
        return { json: shown(updateTicket(ticketOf(id), given())) };
      case "GET tickets/search":
        return { json: search(asQuery).map(shown) };
      case "POST tickets/search":
        return { json: search(given()).map(shown) };
      case "GET ticket_history/-":
        return { json: { history: ticketOf(id).history, assets: {} } };
      case "GET ticket_states":
        return { json: list(states) };
      case "GET ticket_articles/by_ticket":
        return { json: ticketOf(more[0]).articles.map(shownArticle) };
      case "GET ticket_articles/-":
        return { json: shownArticle(articleOf(id)) };
      case "POST ticket_articles": {
        const article = given();
        const made = addArticle(ticketOf(article["ticket_id"]), article, DESKFERRY);
        return { status: 201, json: shownArticle(made) };
      }
      case "GET ticket_attachment/-":
        return attachment(id, more[0], more[1]);
    }
    throw new Refusal(404, "No route matches");
  }

  const server = await startAnswering((asked) => {
    calls.push({
      method: asked.method,
      path: asked.path,
      query: String(asked.query),
      headers: asked.headers,
    });
    const headers = { Date: new Date(now()).toUTCString() };
    try {
      const said = work(asked);
      return { ...said, headers: { ...headers, ...said.headers } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, headers, json: { error: error.message, error_human: error.message } };
    }
  });

  return {
    ...server,
    users,
    tickets,
    calls,
    ticket: ticketOf,
    sendWebhooksTo: (url: string) => {
      hook = url;
    },
    /** Resolves when all webhooks so far have left. */
    sent: () => sending,
    /** What an agent, or another person, does in Zammad's pages. */
    write(ticketId: string, given: Fields, files: Omit<File, "id">[] = [], author = AGENT): Article {
      const page = { content_type: "text/html", ...given };
      return addArticle(
        ticketOf(ticketId),
        page,
        author,
        files.map((file) => ({ ...file, id: serial++ })),
      );
    },
    setState: (ticketId: string, state: string, author = AGENT) =>
      setState(ticketOf(ticketId), { state, pending_time: time() }, author),
  };
}
