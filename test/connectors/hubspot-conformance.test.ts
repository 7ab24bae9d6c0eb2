import { type TicketStatus, textToHtml } from "deskferry/sdk";
import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import hubspot from "../../connectors/hubspot/index.ts";
import { startHubspot, TOKEN } from "./hubspot-server.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

const statuses: Record<string, TicketStatus> = {
  "1": "new",
  "2": "pending",
  "3": "open",
  "4": "solved",
  "5": "closed",
};
const stageOf = (status: TicketStatus) =>
  Object.keys(statuses).find((stage) => statuses[stage] === status) ?? "";

/** What staff read on the page, without our last line. */
function readAs(html: string): string {
  return html
    .replace(/<p>(WhatsApp|Deskferry) #wa-[\w-]{16}<\/p>$/, "")
    .replace(/<br>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");
}

async function startHarness(): Promise<ConnectorHarness> {
  const server = await startHubspot();
  let seenAs: string | undefined;
  const filesOf = (ids: string | undefined) =>
    (ids?.split(";") ?? []).flatMap((id) => server.files.filter((file) => file.id === id));
  return {
    serverUrl: server.url,
    settings(url) {
      seenAs ??= url;
      server.isSeenAs(seenAs);
      return { apiUrl: url, token: TOKEN, statuses };
    },
    contactsOf: async ({ externalId }) =>
      server.contacts
        .filter(({ properties }) => properties["deskferry_id"] === externalId)
        .map(({ id, properties }) => ({ id, name: properties["firstname"] ?? "" })),
    ticketsOf: async (externalId) =>
      server.tickets
        .filter(({ properties }) => properties["deskferry_id"] === externalId)
        .map(({ id, properties: { subject = "", hs_pipeline_stage: stage = "" } }) => {
          const status = statuses[stage];
          return { id, subject, ...(status ? { status } : {}) };
        }),
    commentsOf: async (ticketId) =>
      server.notes
        .filter(({ associated }) => associated["tickets"]?.includes(ticketId))
        .map(({ properties: { hs_note_body: html = "", hs_attachment_ids: ids } }) => ({
          body: readAs(html),
          visibility: /<p>WhatsApp #wa-[\w-]{16}<\/p>$/.test(html) ? "public" : "internal",
          attachments: filesOf(ids).map(({ name, bytes }) => ({ name, bytes })),
        })),
    staff: {
      reply: async (ticketId, text) => {
        server.note([ticketId], `<p>[to WhatsApp] ${textToHtml(text)}</p>`);
      },
      replyWithFiles: async (ticketId, text, given) => {
        const kept = given.map(({ name, mimeType, bytes }) => server.keep(name, mimeType, bytes));
        server.note([ticketId], `<p>[to WhatsApp]</p><p>${textToHtml(text)}</p>`, kept);
        return kept.map(({ id }) => id);
      },
      note: async (ticketId, text) => void server.note([ticketId], `<p>${textToHtml(text)}</p>`),
      setStatus: async (ticketId, status) => server.setStage(ticketId, stageOf(status)),
    },
    stop: () => server.stop(),
  };
}

describe("loopback by the documentation, no vendor's description of the API", () => {
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: hubspot,
      exampleSettings: { token: "an-example-of-a-key" },
      start: startHarness,
    },
  );
  resetAfterCommit({ definition: hubspot, start: startHarness, conversations: 500 });
});
