import { type ContactRecord, createHttpClient, type TicketRecord } from "deskferry/sdk";
import { afterEach } from "vitest";
import odoo from "../../connectors/odoo/index.ts";
import { createClock } from "../support/clock.ts";
import { API_KEY, type Odoo, type OdooOptions, startOdoo } from "./odoo-server.ts";

const servers: Odoo[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

export const key = { externalId: "whatsapp:+447700900123", phone: "+447700900123" };

/** A connector and the Odoo that it works on, with a clock that stands still. */
export async function start(options: OdooOptions = {}, settings: object = {}) {
  const clock = createClock();
  const server = await startOdoo({ now: clock.now, ...options });
  servers.push(server);
  const logged: string[] = [];
  const line = (message: string) => void logged.push(message);
  const config = odoo.config.parse({
    url: server.url,
    apiKey: API_KEY,
    application: options.application ?? "project",
    queue: "WhatsApp",
    ...settings,
  });
  const connector = odoo.create(config, {
    http: (wanted) => createHttpClient(wanted, clock),
    log: { debug: line, info: line, warn: line },
    clock,
  });
  const contact = (record: Partial<ContactRecord> = {}, who = key) =>
    connector.upsertContact(who, { name: "Asha", phone: who.phone, ...record });
  async function ticket(record: Partial<TicketRecord> = {}, externalId = "deskferry/city/3f9a/1") {
    const { id: contactId } = await contact();
    const made = await connector.createTicket({
      externalId,
      contactId,
      ticket: { subject: "Pump", ...record },
    });
    return { ...made, number: Number(made.id), contactId };
  }
  async function poll(cursor?: string) {
    const answer = await connector.listChanges?.(cursor);
    if (!answer) throw new Error("no listChanges");
    return answer;
  }
  return { server, connector, logged, contact, ticket, poll, clock };
}

export function comment(ticketId: string, externalId: string, more: object = {}) {
  return { ticketId, externalId, body: "Hello", visibility: "public" as const, attachments: [], ...more };
}
