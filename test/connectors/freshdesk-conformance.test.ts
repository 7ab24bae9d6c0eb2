import { type TicketStatus, textToHtml } from "deskferry/sdk";
import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import freshdesk from "../../connectors/freshdesk/index.ts";
import { API_KEY, type FreshdeskOptions, startFreshdesk } from "./freshdesk-server.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

const numbers: Record<TicketStatus, number> = { new: 2, open: 2, pending: 3, solved: 4, closed: 5 };
const words: Record<number, TicketStatus> = { 2: "open", 3: "pending", 4: "solved", 5: "closed" };

/** What staff read on the page, without our mark. */
function readAs(html: string): string {
  return html
    .replace(/<div><span style="color:#9ea7ad;font-size:10px">#wa-[\w-]{16}<\/span><\/div>$/, "")
    .replace(/<br>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");
}

async function startHarness(options: FreshdeskOptions): Promise<ConnectorHarness> {
  const server = await startFreshdesk(options);
  let seenAs: string | undefined;
  return {
    serverUrl: server.url,
    settings(url) {
      seenAs ??= url;
      server.isSeenAs(seenAs);
      return { url, apiKey: API_KEY };
    },
    contactsOf: async ({ externalId }) =>
      server.contacts
        .filter((contact) => contact.unique_external_id === externalId)
        .map(({ id, name }) => ({ id: String(id), name })),
    ticketsOf: async (externalId) =>
      server.tickets
        .filter((ticket) => ticket.custom_fields["cf_deskferry_ticket"] === externalId)
        .map(({ id, subject, status }) => {
          const word = words[status];
          return { id: String(id), subject, ...(word ? { status: word } : {}) };
        }),
    commentsOf: async (ticketId) =>
      (server.tickets.find(({ id }) => String(id) === ticketId)?.conversations ?? []).map((each) => ({
        body: readAs(each.body),
        visibility: each.private ? "internal" : "public",
        attachments: each.files.map(({ name, bytes }) => ({ name, bytes })),
      })),
    staff: {
      reply: async (ticketId, text) => void server.reply(ticketId, `<div>${textToHtml(text)}</div>`),
      replyWithFiles: async (ticketId, text, files) =>
        server
          .reply(
            ticketId,
            `<p>${textToHtml(text)}</p>`,
            files.map(({ name, mimeType, bytes }) => ({ name, content_type: mimeType, bytes })),
          )
          .files.map(({ id }) => String(id)),
      note: async (ticketId, text) => void server.note(ticketId, `<div>${textToHtml(text)}</div>`),
      setStatus: async (ticketId, status) => server.setStatus(ticketId, numbers[status]),
    },
    stop: () => server.stop(),
  };
}

const accounts: [string, FreshdeskOptions, conversations: number][] = [
  ["an account that tells when a status was set, its fields found as custom_string", {}, 500],
  ["an account that does not, its fields found by name", { tellsStatusTime: false, searchBy: "name" }, 100],
];

for (const [name, options, conversations] of accounts) {
  describe(`loopback by the documentation, no vendor's description of the API: ${name}`, () => {
    connectorConformance(
      { describe, it, beforeAll, afterAll },
      {
        definition: freshdesk,
        exampleSettings: { url: "https://acme.freshdesk.com", apiKey: "an-example-of-a-key" },
        start: () => startHarness(options),
      },
    );
    resetAfterCommit({ definition: freshdesk, start: () => startHarness(options), conversations });
  });
}
