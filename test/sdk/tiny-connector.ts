import {
  type Connector,
  defineConnector,
  type HelpdeskEvent,
  type HttpClient,
  PluginError,
  saveFile,
  secret,
  serverUrl,
  verifyHmac,
  type WebhookRequest,
} from "deskferry/sdk";
import { z } from "zod";

export const tinySettings = z.strictObject({
  url: serverUrl("Address of the tiny desk"),
  token: secret("Token"),
  webhookSecret: secret("Secret of the webhooks"),
});

const record = z.object({ id: z.string() });
const found = z.array(z.object({ id: z.string(), externalId: z.string() }));
const status = z.enum(["new", "open", "pending", "solved", "closed"]);
export const change = z.object({
  id: z.number(),
  type: z.enum(["comment", "status"]),
  at: z.string(),
  author: z.string(),
  ticket: z.object({ id: z.string(), externalId: z.string(), subject: z.string(), status }),
  comment: z
    .object({
      id: z.string(),
      externalId: z.string().optional(),
      body: z.string(),
      visibility: z.enum(["public", "internal"]),
      attachments: z.array(z.object({ id: z.string(), name: z.string() })).default([]),
    })
    .optional(),
  from: status.optional(),
});

function read<T extends z.ZodType>(value: unknown, schema: T): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PluginError({ kind: "ambiguous", operatorMessage: "the answer has another shape" });
}

export function toEvent(value: z.output<typeof change>): HelpdeskEvent {
  const { id, at, author, ticket, comment, from } = value;
  const origin = { id: `change/${id}`, at, author: { id: author, isUs: author === "connector" }, ticket };
  if (!comment) return { ...origin, type: "ticket.changed", to: ticket.status, ...(from ? { from } : {}) };
  const { id: commentId, externalId, body, visibility, attachments } = comment;
  const ours = externalId === undefined ? {} : { externalId };
  return { ...origin, type: "comment.added", commentId, ...ours, body, visibility, attachments };
}

/** Obeys the contract in every point; test/sdk/conformance.test.ts derives disobedient ones from it. */
export const tinyConnector = defineConnector({
  name: "tiny",
  label: "Tiny desk",
  config: tinySettings,
  create(config, { http: createClient, clock }): Connector {
    const http = createClient({ baseUrl: config.url, headers: { Authorization: `Bearer ${config.token}` } });
    const sendRecord = (method: "POST" | "PUT", path: string, json: unknown) =>
      send(http, method, path, json);
    return {
      capabilities: {
        idempotency: { class: "B", settleMs: 0 },
        changes: ["push", "poll"],
        internalComments: true,
        maxAttachmentBytes: 4 * 1024 * 1024,
        unsupportedTicketFields: ["description", "queue", "assignee", "tags", "skills", "due", "custom"],
      },
      upsertContact: ({ externalId }, { name }) =>
        sendRecord("PUT", `/contacts/${encodeURIComponent(externalId)}`, { name }),
      createTicket: ({ externalId, ticket }) =>
        sendRecord("POST", "/tickets", {
          externalId,
          subject: ticket.subject,
          priority: ticket.priority,
        }),
      findTicket: (externalId) => find(http, "/tickets", externalId),
      updateTicket: async (id, { status: to }) => {
        await sendRecord("PUT", `/tickets/${encodeURIComponent(id)}`, { status: to });
      },
      async addComment({ ticketId, externalId, body, visibility, attachments }) {
        const files = [];
        for (const { name, open } of attachments) {
          files.push({ name, content: (await bytesOf(open())).toString("base64") });
        }
        const json = { externalId, body, visibility, attachments: files };
        return sendRecord("POST", `/tickets/${encodeURIComponent(ticketId)}/comments`, json);
      },
      findComment: (_ticketId, externalId) => find(http, "/comments", externalId),
      async fetchAttachment({ id }, target) {
        const url = `${config.url}/files/${encodeURIComponent(id)}`;
        const { body } = await http.download({ url, what: "fetch file" });
        return { mimeType: "application/octet-stream", size: await saveFile(body, target, undefined) };
      },
      verifyWebhook: (request) => verify(request, config.webhookSecret, clock.now()),
      parseWebhook({ body }) {
        try {
          const result = change.safeParse(JSON.parse(body.toString()));
          return result.success ? [toEvent(result.data)] : [];
        } catch {
          return [];
        }
      },
      async listChanges(cursor) {
        const newest = await http.request({ method: "GET", path: "/newest", what: "list changes" });
        const { id } = read(newest.json(), z.object({ id: z.number() }));
        if (cursor === undefined) return { events: [], cursor: `${id}`, more: false };
        const answer = await http.request({
          method: "GET",
          path: "/changes",
          query: { after: cursor },
          what: "list changes",
        });
        const entries = read(answer.json(), z.array(change));
        return { events: entries.map(toEvent), cursor: `${entries.at(-1)?.id ?? cursor}`, more: false };
      },
      async checkConnection() {
        const answer = await http.request({ method: "GET", path: "/newest", what: "check connection" });
        read(answer.json(), z.object({ id: z.number() }));
        return ["the tiny desk answers"];
      },
    };
  },
});

async function send(http: HttpClient, method: "POST" | "PUT", path: string, json: unknown) {
  const answer = await http.request({ method, path, json, what: "write" });
  return { id: read(answer.json(), record).id };
}

async function find(http: HttpClient, path: string, externalId: string) {
  const answer = await http.request({ method: "GET", path, query: { externalId }, what: "look up" });
  const match = read(answer.json(), found).find((entry) => entry.externalId === externalId);
  return match && { id: match.id };
}

async function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export function verify({ headers, body }: WebhookRequest, key: string, now: number): boolean {
  const time = headers["x-tiny-time"] ?? "";
  const signed = Buffer.concat([Buffer.from(`${time}.`), body]);
  const valid = verifyHmac([key], signed, headers["x-tiny-signature"], {
    algorithm: "sha256",
    encoding: "hex",
  });
  return valid && Math.abs(now - Number(time) * 1000) < 300_000;
}
