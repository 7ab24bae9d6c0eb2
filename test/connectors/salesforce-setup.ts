import { createHttpClient } from "deskferry/sdk";
import { onTestFinished } from "vitest";
import definition from "../../connectors/salesforce/index.ts";
import { createClock } from "../support/clock.ts";
import { CLIENT_ID, CLIENT_SECRET, type SalesforceOptions, startSalesforce } from "./salesforce-server.ts";

export const key = { externalId: "whatsapp:+447700900123", phone: "+447700900123" };
export const ticketId = "deskferry/city/44/1";

/** The connector on a server of its own, by a clock that stands still. */
export async function setUp(options: SalesforceOptions = {}, more: Record<string, unknown> = {}) {
  const clock = createClock();
  const server = await startSalesforce({ now: clock.now, ...options });
  onTestFinished(() => server.stop());
  const warnings: string[] = [];
  const quiet = () => undefined;
  const connect = (given: Record<string, unknown> = more, now = clock.now) =>
    definition.create(
      definition.config.parse({
        url: server.url,
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        ...given,
      }),
      {
        clock: { now },
        http: (wanted) => createHttpClient(wanted, { now }),
        log: { debug: quiet, info: quiet, warn: (line) => void warnings.push(line) },
      },
    );
  const connector = connect();
  const contact = await connector.upsertContact(key, { name: "Ann Smith", phone: key.phone });
  const create = (ticket: object = {}) =>
    connector.createTicket({
      externalId: ticketId,
      contactId: contact.id,
      ticket: { subject: "Street light", ...ticket },
    });
  const rows = (object: string) => server.org.table(object);
  /** Calls of the API since then, without those for tokens. */
  const callsSince = (before: number) =>
    server.calls.slice(before).filter(({ path }) => !path.startsWith("/services/oauth2"));
  return { clock, server, connector, connect, warnings, contact, create, rows, callsSince };
}

export const comment = (id: string, more: object = {}) => ({
  ticketId: id,
  externalId: "wamid.A",
  body: "It is dark",
  visibility: "public" as const,
  attachments: [],
  ...more,
});
