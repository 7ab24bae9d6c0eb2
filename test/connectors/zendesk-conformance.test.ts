import type { TicketStatus } from "deskferry/sdk";
import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import connector from "../../connectors/zendesk/index.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";
import { ACCOUNT, EMAIL, SECRET, startZendesk, TOKEN, type Zendesk } from "./zendesk-server.ts";

const statuses: Record<string, TicketStatus> = {
  new: "new",
  open: "open",
  pending: "pending",
  hold: "pending",
  solved: "solved",
  closed: "closed",
};

interface Comment {
  type: string;
  body: string;
  public: boolean;
  files: { name: string; bytes: Buffer }[];
}

function harnessOf(zendesk: Zendesk): ConnectorHarness {
  return {
    serverUrl: zendesk.url,
    settings: (url) => ({
      url,
      email: EMAIL,
      token: TOKEN,
      accountId: String(ACCOUNT),
      webhookSecret: SECRET,
    }),
    contactsOf: async ({ externalId }) =>
      zendesk.users
        .filter((user) => user.external_id === externalId)
        .map(({ id, name }) => ({ id: String(id), name })),
    ticketsOf: async (externalId) =>
      zendesk.tickets
        .filter((ticket) => ticket.external_id === externalId)
        .map(({ id, subject, status }) => ({
          id: String(id),
          subject,
          status: statuses[status] ?? "open",
        })),
    commentsOf: async (ticketId) => {
      const ticket = zendesk.tickets.find(({ id }) => String(id) === ticketId);
      const events = ticket?.audits.flatMap((audit) => audit.events) ?? [];
      return (events as unknown as Comment[])
        .filter(({ type }) => type === "Comment")
        .map(({ body, public: isPublic, files }) => ({
          body,
          visibility: isPublic ? "public" : "internal",
          attachments: files,
        }));
    },
    staff: {
      reply: async (id, body) => void (await zendesk.act(id, { comment: { body, public: true } })),
      replyWithFiles: async (id, body, given) => {
        const uploads = given.map(({ name, bytes }) => zendesk.addFile(name, bytes).token);
        await zendesk.act(id, { comment: { body, public: true, uploads } });
        return uploads;
      },
      note: async (id, body) => void (await zendesk.act(id, { comment: { body, public: false } })),
      setStatus: async (id, status) => void (await zendesk.act(id, { status })),
    },
    sendWebhooksTo: async (url) => zendesk.sendWebhooksTo(url),
    stop: () => zendesk.stop(),
  };
}

const start = async () => harnessOf(await startZendesk({ exportLagMs: 0, updateLimit: 1000 }));

describe("by Zendesk's documentation, without a description of its API to check against", () => {
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: connector,
      exampleSettings: {
        url: "https://acme.zendesk.com",
        email: "deskferry@example.org",
        token: "an-example",
        accountId: "900001",
        webhookSecret: "an-example-of-a-secret",
      },
      start,
    },
  );
  resetAfterCommit({ definition: connector, start, conversations: 500 });
});
