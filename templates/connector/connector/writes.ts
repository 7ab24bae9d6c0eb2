import { base64Of, type Connector, type HttpClient, type RecordRef } from "deskferry/sdk";
import { read, record } from "./records.ts";

type Writes = Required<Pick<Connector, "upsertContact" | "createTicket" | "addComment" | "updateTicket">>;

/** Everything that changes something in Acme Desk. */
export function writes(http: HttpClient): Writes {
  return {
    upsertContact: ({ externalId }, { name }) =>
      save(http, { method: "PUT", path: `/contacts/${encodeURIComponent(externalId)}`, json: { name } }),
    createTicket: ({ externalId, contactId, ticket: { subject, description, priority } }) =>
      save(http, {
        method: "POST",
        path: "/tickets",
        json: { externalId, contactId, subject, description, priority },
      }),
    async updateTicket(id, { status }) {
      await save(http, { method: "PUT", path: ticketPath(id), json: { status } });
    },
    async addComment({ ticketId, externalId, body, visibility, attachments }) {
      const files = [];
      for (const file of attachments) files.push({ name: file.name, content: await base64Of(file) });
      const json = { externalId, body, visibility, attachments: files };
      return save(http, { method: "POST", path: `${ticketPath(ticketId)}/comments`, json });
    },
  };
}

function ticketPath(id: string): string {
  return `/tickets/${encodeURIComponent(id)}`;
}

/** The operation in words stands in errors, for operators. */
async function save(
  http: HttpClient,
  request: { method: "POST" | "PUT"; path: string; json: unknown },
): Promise<RecordRef> {
  const what = `${request.method} ${request.path.split("/")[1]}`;
  const { id } = read(await http.request({ ...request, what }), record, what);
  return { id };
}
