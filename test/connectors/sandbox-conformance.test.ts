import type { ContactKey, TicketStatus } from "deskferry/sdk";
import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import sandbox from "../../connectors/sandbox/index.ts";
import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import { startDesk } from "../../src/sandbox/desk/server.ts";
import type { DeskOptions } from "../../src/sandbox/desk/world.ts";
import { call } from "../sandbox/callback-server.ts";
import { DESK_SECRET, DESK_TOKEN } from "../sandbox/desk-setup.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

const statuses: Record<string, TicketStatus> = {
  new: "new",
  in_progress: "open",
  waiting: "pending",
  resolved: "solved",
  closed: "closed",
};

const rawOf = (status: TicketStatus) => Object.keys(statuses).find((raw) => statuses[raw] === status);

/** A sandbox helpdesk for the conformance suite, looked into through its ledger. */
async function startHarness(options: Partial<DeskOptions>, settings: object): Promise<ConnectorHarness> {
  const desk = await startDesk({ token: DESK_TOKEN, webhookSecret: DESK_SECRET, ...options });
  const control = async (method: string, path: string, json?: object) => {
    const answer = await call(`${desk.url}/sandbox${path}`, { method, ...(json ? { json } : {}) });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body as unknown;
  };
  const ledger = async () => (await control("GET", "/ledger")) as DeskLedger;
  const file = async (id: string) => {
    const answer = await fetch(`${desk.url}/sandbox/attachments/${id}`);
    return Buffer.from(await answer.arrayBuffer());
  };
  return {
    serverUrl: desk.url,
    settings: (url) => ({ url, token: DESK_TOKEN, webhookSecret: DESK_SECRET, ...settings }),
    async contactsOf({ externalId }: ContactKey) {
      return (await ledger()).contacts.filter((contact) => contact.external_id === externalId);
    },
    async ticketsOf(externalId) {
      const found = (await ledger()).tickets.filter((ticket) => ticket.external_id === externalId);
      return found.map(({ id, subject, status }) => {
        const word = statuses[status];
        return word ? { id, subject, status: word } : { id, subject };
      });
    },
    async commentsOf(ticketId) {
      const ticket = (await ledger()).tickets.find((each) => each.id === ticketId);
      return Promise.all(
        (ticket?.comments ?? []).map(async ({ body, visibility, attachments }) => ({
          body,
          visibility,
          attachments: await Promise.all(
            attachments.map(async ({ id, name }) => ({ name, bytes: await file(id) })),
          ),
        })),
      );
    },
    staff: {
      reply: async (ticketId, body) =>
        void (await control("POST", `/tickets/${ticketId}/comments`, { body })),
      replyWithFiles: async (ticketId, body, files) => {
        const attachments = files.map(({ bytes, ...file }) => ({
          ...file,
          base64: bytes.toString("base64"),
        }));
        const comment = (await control("POST", `/tickets/${ticketId}/comments`, { body, attachments })) as {
          attachments: { id: string }[];
        };
        return comment.attachments.map(({ id }) => id);
      },
      note: async (ticketId, body) =>
        void (await control("POST", `/tickets/${ticketId}/comments`, { body, visibility: "internal" })),
      setStatus: async (ticketId, status) =>
        void (await control("PATCH", `/tickets/${ticketId}`, { status: rawOf(status) })),
    },
    sendWebhooksTo: async (url) => void (await control("PUT", "/callback", { url })),
    stop: () => desk.stop(),
  };
}

const kinds: [string, Partial<DeskOptions>, { idempotency: string; settleMs?: number }][] = [
  ["A: unique external ids", { externalIds: "unique" }, { idempotency: "A" }],
  ["B: look-up with a lag", { lagMs: 300 }, { idempotency: "B", settleMs: 400 }],
  ["C: neither", {}, { idempotency: "C" }],
];

for (const [name, options, settings] of kinds) {
  describe(name, () => {
    connectorConformance(
      { describe, it, beforeAll, afterAll },
      {
        definition: sandbox,
        exampleSettings: { url: "http://127.0.0.1:4020", token: "t", webhookSecret: "s", ...settings },
        start: () => startHarness(options, settings),
      },
    );
    resetAfterCommit({
      definition: sandbox,
      start: () => startHarness(options, settings),
      // Its ledger is read whole for each of them; the first kind is played by as many as the other helpdesks.
      conversations: settings.idempotency === "A" ? 500 : 100,
      hasLag: options.lagMs !== undefined,
    });
  });
}
