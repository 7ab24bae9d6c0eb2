import {
  type AttachmentRef,
  type Connector,
  type ConnectorCapabilities,
  createAnswerReader,
  defineConnector,
  type FetchedMedia,
  type HttpAnswer,
  type HttpClient,
  type MediaTarget,
  PluginError,
  parseJson,
  type RecordRef,
  saveDownload,
  secret,
  serverUrl,
  type Tools,
  verifyTimedHmac,
  type WebhookRequest,
} from "deskferry/sdk";
import { z } from "zod";
import { type Change, changeSchema, fromDomainStatus, toEvents } from "./changes.ts";

const config = z.strictObject({
  url: serverUrl("Address of the sandbox helpdesk, e.g. http://127.0.0.1:4020"),
  token: secret("Bearer token of the API account"),
  account: z.string().min(1).default("api").describe("Id of the API account: its writes are our own echoes"),
  webhookSecret: secret("Signs the helpdesk's webhooks; without it changes must be polled").optional(),
  idempotency: z
    .enum(["A", "B", "C"])
    .default("B")
    .describe("A: external ids are unique there; B: we look up before we repeat; C: neither, see onUnclear"),
  settleMs: z
    .int()
    .min(0)
    .default(1000)
    .describe("B: how long a new record may stay invisible to look-ups, in milliseconds"),
  onUnclear: z
    .enum(["hold", "retry"])
    .default("hold")
    .describe("C: after an unclear outcome wait for an operator, or try again at the risk of a double"),
});

type Settings = z.output<typeof config>;

const MAX_ATTACHMENT_BYTES = 25 * 1024 * 1024;

const record = z.object({
  id: z.string().min(1),
  url: z.string().optional(),
  external_id: z.string().optional(),
});
const taken = z.object({ error: z.literal("external_id_taken"), id: z.string().min(1) });
const ticketList = z.object({ tickets: z.array(record) });
const commentList = z.object({ comments: z.array(record) });
const changePage = z.object({ changes: z.array(z.unknown()), cursor: z.string(), more: z.boolean() });
const accountInfo = z.object({ id: z.string(), name: z.string(), external_ids: z.enum(["unique", "plain"]) });

/** A success of the wrong shape may have had its effect, hence ambiguous. */
const read = createAnswerReader("the sandbox");

export default defineConnector({
  name: "sandbox",
  label: "Sandbox helpdesk",
  config,
  example: { url: "http://127.0.0.1:4020", token: "an-example", webhookSecret: "an-example" },
  create,
});

function create(settings: Settings, tools: Tools): Connector {
  const http = tools.http({
    baseUrl: settings.url,
    headers: { Authorization: `Bearer ${settings.token}`, Accept: "application/json" },
  });
  return {
    capabilities: capabilitiesOf(settings),
    ...writes(http),
    ...lookUps(http),
    ...wayBack(settings, http, tools),
    fetchAttachment: (file, target) =>
      fetchAttachment(`${settings.url}/api/attachments/`, { file, target, http }),
    checkConnection: () => checkConnection(settings, http),
  };
}

function capabilitiesOf(settings: Settings): ConnectorCapabilities {
  const { idempotency, settleMs, onUnclear } = settings;
  const byClass = {
    A: { class: "A" },
    B: { class: "B", settleMs },
    C: { class: "C", onUnclear },
  } as const;
  return {
    idempotency: byClass[idempotency],
    changes: settings.webhookSecret ? ["push", "poll"] : ["poll"],
    internalComments: true,
    maxAttachmentBytes: MAX_ATTACHMENT_BYTES,
  };
}

type Writes = Pick<Connector, "upsertContact" | "createTicket" | "addComment" | "updateTicket">;

function writes(http: HttpClient): Writes {
  return {
    async upsertContact(key, contact) {
      const json = {
        ...contact,
        external_id: key.externalId,
        phone: contact.phone ?? key.phone,
        user_id: key.userId,
      };
      const what = "save contact";
      return toRef(await http.request({ method: "PUT", path: "/api/contacts", json, what }), what);
    },
    async createTicket({ externalId, contactId, ticket }) {
      const { due, ...fields } = ticket;
      const dueTimes = due && { first_answer: due.firstAnswer, solution: due.solution };
      const json = { ...fields, due: dueTimes, external_id: externalId, contact_id: contactId };
      const what = "create ticket";
      return toMade(
        await http.request({ method: "POST", path: "/api/tickets", json, what, accept: [409] }),
        what,
      );
    },
    async addComment({ ticketId, externalId, contactId, body, visibility, attachments }) {
      const json = { external_id: externalId, contact_id: contactId, body, visibility };
      const what = "add comment";
      const files = attachments.map((file) => ({ name: "file", file }));
      const content =
        files.length > 0 ? { form: [{ name: "comment", value: JSON.stringify(json) }, ...files] } : { json };
      return toMade(
        await http.request({ method: "POST", path: commentsOf(ticketId), ...content, what, accept: [409] }),
        what,
      );
    },
    async updateTicket(ticketId, { status }) {
      const json = { status: fromDomainStatus(status) };
      const what = "update ticket";
      toRef(await http.request({ method: "PATCH", path: ticketPath(ticketId), json, what }), what);
    },
  };
}

function lookUps(http: HttpClient): Pick<Connector, "findTicket" | "findComment"> {
  return {
    async findTicket(externalId) {
      const what = "find ticket";
      const query = { external_id: externalId };
      const answer = await http.request({ method: "GET", path: "/api/tickets", query, what });
      return exact(read(answer, ticketList, what).tickets, externalId);
    },
    async findComment(ticketId, externalId) {
      const what = "find comment";
      const query = { external_id: externalId };
      const answer = await http.request({ method: "GET", path: commentsOf(ticketId), query, what });
      return exact(read(answer, commentList, what).comments, externalId);
    },
  };
}

type WayBack = Pick<Connector, "parseWebhook" | "verifyWebhook" | "listChanges">;

function wayBack(settings: Settings, http: HttpClient, { clock }: Tools): WayBack {
  const events = (changes: unknown[]) => changes.flatMap((change) => parse(change, settings.account));
  return {
    verifyWebhook: (request) => verify(request, settings.webhookSecret, clock.now()),
    parseWebhook: ({ body }) => events([parseJson(body)]),
    async listChanges(cursor) {
      const what = "list changes";
      const query = { after: cursor ?? "now", limit: 100 };
      const answer = await http.request({ method: "GET", path: "/api/changes", query, what });
      const page = read(answer, changePage, what);
      return { events: events(page.changes), cursor: page.cursor, more: page.more };
    },
  };
}

function verify({ headers, body }: WebhookRequest, webhookSecret: string | undefined, now: number): boolean {
  const [time, signature] = [headers["x-sandbox-timestamp"], headers["x-sandbox-signature"]];
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  return verifyTimedHmac(webhookSecret ? [webhookSecret] : [], { time, body, signature, now }, format);
}

/** What is not understood is left out: the feed also tells of contacts and edits, which concern nobody outside. */
function parse(change: unknown, account: string) {
  const parsed = changeSchema.safeParse(change);
  const understood: Change | undefined = parsed.success ? parsed.data : undefined;
  return understood ? toEvents(understood, account) : [];
}

async function checkConnection(settings: Settings, http: HttpClient): Promise<string[]> {
  const what = "read the API account";
  const answer = await http.request({ method: "GET", path: "/api/account", what });
  const account = read(answer, accountInfo, what);
  if (account.id !== settings.account) {
    const operatorMessage = `account: the token belongs to "${account.id}", the settings say "${settings.account}"`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  if (settings.idempotency === "A" && account.external_ids !== "unique") {
    const operatorMessage = "idempotency: A needs a helpdesk with unique external ids; use B";
    throw new PluginError({ kind: "config", operatorMessage });
  }
  return [`logged in as ${account.name} (${account.id})`, `external ids: ${account.external_ids}`];
}

async function fetchAttachment(
  address: string,
  { file, target, http }: { file: AttachmentRef; target: MediaTarget; http: HttpClient },
): Promise<FetchedMedia> {
  const url = address + encodeURIComponent(file.id);
  return saveDownload(await http.download({ url, what: "fetch file" }), target);
}

function ticketPath(id: string): string {
  return `/api/tickets/${encodeURIComponent(id)}`;
}

function commentsOf(ticketId: string): string {
  return `${ticketPath(ticketId)}/comments`;
}

function toRef(answer: HttpAnswer, what: string): RecordRef {
  const { id, url } = read(answer, record, what);
  return { id, ...(url ? { address: url } : {}) };
}

/** A 409 names the record that has our external id already: our own, from an attempt whose answer was lost. */
function toMade(answer: HttpAnswer, what: string): RecordRef {
  if (answer.status !== 409) return toRef(answer, what);
  const parsed = taken.safeParse(parseJson(answer.text));
  if (parsed.success) return { id: parsed.data.id };
  throw new PluginError({ kind: "conflict", code: 409, operatorMessage: `${what}: the helpdesk refuses it` });
}

/** The index matches from the left: only an equal value is ours. */
function exact(found: z.output<typeof record>[], externalId: string): RecordRef | undefined {
  const match = found.find((each) => each.external_id === externalId);
  return match && { id: match.id, ...(match.url ? { address: match.url } : {}) };
}
