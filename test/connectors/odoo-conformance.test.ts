import { type TicketStatus, textToHtml } from "deskferry/sdk";
import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import odoo from "../../connectors/odoo/index.ts";
import { API_KEY, DATABASE, LOGIN, type OdooOptions, startOdoo } from "./odoo-server.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

const words: Record<string, TicketStatus> = {
  New: "new",
  "In Progress": "open",
  "On Hold": "pending",
  Solved: "solved",
  Cancelled: "closed",
};
const stages = Object.fromEntries(Object.entries(words).map(([name, word]) => [word, name]));

/** What staff read on the page. */
function readAs(html: string): string {
  return html
    .replace(/<br>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");
}

async function startHarness(options: OdooOptions): Promise<ConnectorHarness> {
  const server = await startOdoo(options);
  const { application = "project", version = 19 } = options;
  const stageName = (id: unknown) => String(server.records.rowOf(server.shape.stage[0], Number(id))["name"]);
  const post = (ticketId: string, text: string, subtype: string, files: number[] = []) =>
    server.post(Number(ticketId), {
      body: `<p>${textToHtml(text)}</p>`,
      subtype_xmlid: subtype,
      attachment_ids: files,
    });
  return {
    serverUrl: server.url,
    settings: (url) => ({
      url,
      apiKey: API_KEY,
      application,
      queue: "WhatsApp",
      ...(version < 19 ? { jsonRpc: { database: DATABASE, login: LOGIN } } : {}),
    }),
    contactsOf: async ({ externalId }) =>
      server
        .partners()
        .filter((partner) => partner["x_deskferry_id"] === externalId)
        .map(({ id, name }) => ({ id: String(id), name: String(name) })),
    ticketsOf: async (externalId) =>
      server
        .tickets()
        .filter((ticket) => ticket["x_deskferry_id"] === externalId)
        .map(({ id, name, stage_id: stage }) => {
          const status = words[stageName(stage)];
          return { id: String(id), subject: String(name), ...(status ? { status } : {}) };
        }),
    commentsOf: async (ticketId) =>
      server.written(Number(ticketId)).map((row) => ({
        body: readAs(String(row["body"])),
        visibility: row["subtype_id"] === 1 ? "public" : "internal",
        attachments: (row["attachment_ids"] as number[]).map((id) => {
          const file = server.records.rowOf("ir.attachment", id);
          return { name: String(file["name"]), bytes: file["datas"] as Buffer };
        }),
      })),
    staff: {
      reply: async (ticketId, text) => void post(ticketId, text, "mail.mt_comment"),
      replyWithFiles: async (ticketId, text, given) => {
        const files = given.map(({ name, mimeType, bytes }) => server.addFile(name, mimeType, bytes));
        post(ticketId, text, "mail.mt_comment", files);
        return files.map(String);
      },
      note: async (ticketId, text) => void post(ticketId, text, "mail.mt_note"),
      setStatus: async (ticketId, status) => {
        server.write(Number(ticketId), { stage_id: server.stageOf(stages[status] ?? "") });
      },
    },
    stop: () => server.stop(),
  };
}

const systems: [string, OdooOptions][] = [
  ["Odoo 19 by JSON-2, tasks of Project", { application: "project", version: 19 }],
  ["Odoo 17 by JSON-RPC, Helpdesk Management of the OCA", { application: "oca-helpdesk", version: 17 }],
];

for (const [name, options] of systems) {
  describe(`loopback by documentation and published sources, no vendor's description of the API: ${name}`, () => {
    connectorConformance(
      { describe, it, beforeAll, afterAll },
      {
        definition: odoo,
        exampleSettings: {
          url: "https://acme.odoo.com",
          apiKey: "an-example-of-a-key",
          application: "helpdesk",
          queue: "WhatsApp",
        },
        start: () => startHarness(options),
      },
    );
    resetAfterCommit({ definition: odoo, start: () => startHarness(options), conversations: 500 });
  });
}
