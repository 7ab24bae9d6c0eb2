import type { TicketStatus } from "deskferry/sdk";
import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import espocrm from "../../connectors/espocrm/index.ts";
import { API_KEY, startEspocrm } from "./espocrm-server.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

const names: Record<TicketStatus, string> = {
  new: "New",
  open: "Assigned",
  pending: "Pending",
  solved: "Closed",
  closed: "Rejected",
};
const words = new Map(Object.entries(names).map(([word, name]) => [name, word as TicketStatus]));

/** Markdown as staff read it: a definition is not shown. */
const readAs = (post: unknown) => String(post ?? "").replace(/\n\n\[\/\/\]: # \([^)\n]*\)$/, "");

async function startHarness(): Promise<ConnectorHarness> {
  const server = await startEspocrm();
  const rows = (table: string, field: string, value: string) =>
    (server.tables[table] ?? []).filter((row) => row[field] === value);
  return {
    serverUrl: server.url,
    settings: (url) => ({ url, apiKey: API_KEY }),
    contactsOf: async ({ externalId }) =>
      rows("Contact", "cDeskferryId", externalId).map(({ id, name }) => ({ id, name: String(name) })),
    ticketsOf: async (externalId) =>
      rows("Case", "cDeskferryId", externalId).map(({ id, name, status }) => {
        const word = words.get(String(status));
        return { id, subject: String(name), ...(word ? { status: word } : {}) };
      }),
    commentsOf: async (ticketId) =>
      rows("Note", "parentId", ticketId)
        .filter(({ type }) => type === "Post")
        .map((note) => ({
          body: readAs(note["post"]),
          visibility: note["isInternal"] ? "internal" : "public",
          attachments: (note["attachmentsIds"] as string[]).map((id) => {
            const { name = "", bytes = Buffer.alloc(0) } = server.files.get(id) ?? {};
            return { name, bytes };
          }),
        })),
    staff: {
      reply: async (ticketId, text) => void server.post(ticketId, text),
      replyWithFiles: async (ticketId, text, files) =>
        server.post(ticketId, text, { files })["attachmentsIds"] as string[],
      note: async (ticketId, text) => void server.post(ticketId, text, { isInternal: true }),
      setStatus: async (ticketId, status) => server.setStatus(ticketId, names[status]),
    },
    stop: () => server.stop(),
  };
}

connectorConformance(
  { describe, it, beforeAll, afterAll },
  {
    definition: espocrm,
    exampleSettings: { url: "https://crm.example.org", apiKey: API_KEY },
    start: startHarness,
  },
);
resetAfterCommit({ definition: espocrm, start: startHarness, conversations: 500 });
