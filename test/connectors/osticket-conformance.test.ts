import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import osticket from "../../connectors/osticket/index.ts";
import { API_KEY, startOsticket } from "./osticket-server.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

/** Signs that osTicket cannot keep are there by their numbers, so that none is lost. */
const signsIn = (text: string) =>
  text.replace(/\[U\+([0-9A-F]{5,6})\]/g, (_, number: string) => String.fromCodePoint(parseInt(number, 16)));

async function startHarness(): Promise<ConnectorHarness> {
  const server = await startOsticket();
  const nobody = () => Promise.reject(new Error("osTicket tells us nothing of what staff do"));
  return {
    serverUrl: server.url,
    settings: (url) => ({ url, apiKey: API_KEY, idField: "deskferry" }),
    contactsOf: async () => [],
    ticketsOf: async (externalId) =>
      server.tickets
        .filter(({ fields }) => fields["deskferry"] === externalId)
        .map(({ number, fields }) => ({ id: number, subject: signsIn(String(fields["subject"])) })),
    commentsOf: async (ticketId) =>
      server.tickets
        .filter(({ number }) => number === ticketId)
        .map(({ body, files }) => ({
          body: signsIn(body),
          visibility: "public",
          attachments: files.map(({ name, bytes }) => ({ name: signsIn(name), bytes })),
        })),
    staff: { reply: nobody, setStatus: nobody },
    stop: () => server.stop(),
  };
}

connectorConformance(
  { describe, it, beforeAll, afterAll },
  {
    definition: osticket,
    exampleSettings: { url: "https://support.example.org", apiKey: API_KEY },
    start: startHarness,
  },
);
resetAfterCommit({ definition: osticket, start: startHarness, conversations: 500 });
