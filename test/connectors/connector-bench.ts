import type { Clock, ConnectorDefinition, ContactRecord, HelpdeskEvent, TicketRecord } from "deskferry/sdk";
import { createHttpClient } from "deskferry/sdk";
import type { z } from "zod";

/** Who writes in the tests of single connectors. */
export const key = { externalId: "whatsapp:+447700900123", phone: "+447700900123" };

/** A connector by its settings, on a clock of the test's own, with what its tests do again and again. */
export function openConnector<S extends z.ZodType>(
  definition: ConnectorDefinition<S>,
  settings: unknown,
  clock: Clock,
) {
  /** Each line with its fields, as JSON where it has some. */
  const logged: string[] = [];
  const line = (message: string, fields?: object) =>
    void logged.push(fields ? `${message} ${JSON.stringify(fields)}` : message);
  const connector = definition.create(definition.config.parse(settings), {
    http: (wanted) => createHttpClient(wanted, clock),
    log: { debug: line, info: line, warn: line },
    clock,
  });
  const contact = (record: Partial<ContactRecord> = {}) =>
    connector.upsertContact(key, { name: "Ann", ...record });
  return {
    connector,
    logged,
    contact,
    async ticket(record: Partial<TicketRecord> = {}, externalId = "deskferry/city/3f9a/1") {
      const { id: contactId } = await contact();
      return connector.createTicket({ externalId, contactId, ticket: { subject: "Pump", ...record } });
    },
    async poll(cursor: string | undefined) {
      const answer = await connector.listChanges?.(cursor);
      if (!answer) throw new Error("no listChanges");
      return answer;
    },
  };
}

/** Each change in a line: who said what, or which status became which. */
export function told(events: HelpdeskEvent[]): string[] {
  return events.map((event) => {
    const who = event.author.isUs ? "us" : "them";
    return event.type === "comment.added"
      ? `${event.visibility} ${who}: ${event.body.split("\n")[0]}`
      : `${event.from ?? "?"} → ${event.to} by ${who}`;
  });
}
