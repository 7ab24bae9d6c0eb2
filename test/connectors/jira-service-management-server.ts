import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hmac } from "deskferry/sdk";
import { loadVendorSpec } from "../support/vendor-spec.ts";
import { AGENT, createDesk, type Issue, type StoredComment } from "./jira-service-management-desk.ts";
import { platformRoutes } from "./jira-service-management-platform.ts";
import { portalRoutes } from "./jira-service-management-portal.ts";
import { commentShown, issueShown, userShown } from "./jira-service-management-shown.ts";

/** A Jira Cloud site on loopback, by Atlassian's documentation. What it is asked below /rest/servicedeskapi, and what it
 * answers there, is held against Atlassian's own description. */
export const EMAIL = "deskferry@example.org";
export const TOKEN = "jira-token-0123456789abcdef";
export const SECRET = "jira-webhook-secret-0123456789";

export interface JiraOptions {
  now?: () => number;
  /** How long the search does not show a change. */
  indexLagMs?: number;
  /** Writes that one issue takes in two seconds. */
  writesPerIssue?: number;
  /** Fields of the form of the request type beside the summary. */
  form?: string[];
  /** Further fields that the form requires. */
  required?: string[];
  /** Histories that one answer tells. */
  historyPage?: number;
}

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  json: Record<string, unknown>;
  files: { field: string; name: string; mimeType: string; bytes: Buffer }[];
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  bytes?: Buffer;
}

/** By method and the path as a pattern; what is in brackets there is handed over. */
export type Routes = [string, RegExp, (call: Call, parts: string[]) => Answer | Promise<Answer>][];

const spec = loadVendorSpec("jira-service-management", "Jira Service Management");
const WINDOW_MS = 2000;

export type Jira = Awaited<ReturnType<typeof startJira>>;

export async function startJira(options: JiraOptions = {}) {
  const { now = Date.now, indexLagMs = 0, writesPerIssue = Number.POSITIVE_INFINITY } = options;
  const desk = createDesk({ now, indexLagMs });
  const calls: { method: string; path: string; json: Record<string, unknown> }[] = [];
  const problems: string[] = [];
  const unchecked = new Set<string>();
  const writes = new Map<string, number[]>();
  let hook: string | undefined;
  let url = "";

  /** Jira tries again later, which is left out here: what is lost, polling finds. */
  async function send(payload: object): Promise<void> {
    if (!hook) return;
    const body = JSON.stringify({ timestamp: now(), ...payload });
    const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
    const headers = {
      "Content-Type": "application/json; charset=utf-8",
      "User-Agent": "Atlassian Webhook HTTP Client",
      "X-Hub-Signature": hmac(SECRET, body, format),
      "X-Atlassian-Webhook-Identifier": `identifier-${calls.length}`,
    };
    await fetch(hook, { method: "POST", headers, body }).catch(() => undefined);
  }

  async function comment(issue: Issue, given: Partial<StoredComment>): Promise<StoredComment> {
    const made = desk.addComment(issue, given);
    const { comment: _, ...few } = issueShown(issue, "few");
    await send({ webhookEvent: "comment_created", comment: commentShown(made), issue: few });
    return made;
  }

  async function setStatus(issue: Issue, status: string, author: string): Promise<void> {
    const { id, items } = desk.setStatus(issue, status, author);
    await send({
      webhookEvent: "jira:issue_updated",
      issue_event_type_name: "issue_generic",
      user: userShown(author),
      issue: issueShown(issue, "all"),
      changelog: { id, items },
    });
  }

  const site = { desk, options, now, comment, setStatus, address: () => url };
  const routes: Routes = [...portalRoutes(site), ...platformRoutes(site)];

  function isThrottled({ method, path }: Call): boolean {
    const key = /^\/rest\/api\/3\/issue\/([^/]+)/.exec(path)?.[1];
    if (key === undefined || method === "GET") return false;
    const recent = (writes.get(key) ?? []).filter((at) => at > now() - WINDOW_MS);
    if (recent.length >= writesPerIssue) return true;
    writes.set(key, [...recent, now()]);
    return false;
  }

  async function answer(call: Call): Promise<Answer> {
    const { method, path, headers } = call;
    const login = Buffer.from(`${EMAIL}:${TOKEN}`).toString("base64");
    if (headers.authorization !== `Basic ${login}`)
      return { status: 401, body: { message: "Client must be authenticated to access this resource." } };
    if (isThrottled(call)) {
      const limit = { "Retry-After": "2", "RateLimit-Reason": "jira-per-issue-on-write" };
      return { status: 429, body: { errorMessages: ["Rate limit exceeded."] }, headers: limit };
    }
    for (const [wanted, pattern, handler] of routes) {
      const found = wanted === method ? pattern.exec(path) : null;
      if (found) return handler(call, found.slice(1).map(decodeURIComponent));
    }
    return { status: 404, body: { message: "null for uri" } };
  }

  async function checked(call: Call): Promise<Answer> {
    const { method, path, json } = call;
    calls.push({ method, path, json });
    const given = await answer(call);
    if (path.startsWith("/rest/servicedeskapi/")) {
      problems.push(...spec.requestProblems(method, path, json));
      const { status, body } = given;
      if (status !== 401) problems.push(...spec.answerProblems(method, path, { status, body }));
    } else unchecked.add(`${method} ${path.replace(/\/(WA-)?\d{3,}(?=\/|$)|\/WA(-\d+)?(?=\/|$)/g, "/…")}`);
    return given;
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const target = new URL(incoming.url ?? "/", "http://localhost");
    const { headers, method = "GET" } = incoming;
    const content = await contentOf(incoming, Buffer.concat(chunks));
    const call = { method, path: target.pathname, query: target.searchParams, headers, ...content };
    const given = await checked(call);
    outgoing.writeHead(given.status, {
      "Content-Type": "application/json;charset=UTF-8",
      Date: new Date(now()).toUTCString(),
      "X-RateLimit-Limit": "350",
      "X-RateLimit-Remaining": "349",
      ...given.headers,
    });
    const text = given.body === undefined ? "" : JSON.stringify(given.body);
    outgoing.end(given.bytes ?? text);
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function issue(key: string): Issue {
    const found = desk.issueOf(key);
    if (!found) throw new Error(`there is no issue ${key}`);
    return found;
  }
  return {
    url,
    desk,
    calls,
    problems,
    unchecked,
    issue,
    /** What somebody does in Jira's own pages; Ann of the staff unless named. */
    act: {
      comment: (key: string, given: Partial<StoredComment>) => comment(issue(key), given),
      setStatus: (key: string, status: string, author = AGENT) => setStatus(issue(key), status, author),
    },
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
async function contentOf(incoming: IncomingMessage, body: Buffer): Promise<Pick<Call, "json" | "files">> {
  const type = incoming.headers["content-type"] ?? "";
  if (type === "application/json") return { json: JSON.parse(body.toString()) as Call["json"], files: [] };
  if (!type.startsWith("multipart/")) return { json: {}, files: [] };
  const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": type } }).formData();
  const files: Call["files"] = [];
  for (const [field, value] of form) {
    if (typeof value === "string") continue;
    const bytes = Buffer.from(await value.arrayBuffer());
    files.push({ field, name: value.name, mimeType: value.type, bytes });
  }
  return { json: {}, files };
}
