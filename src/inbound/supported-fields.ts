import type { TicketRecord } from "../domain/records.ts";
import type { ConnectorCapabilities, OptionalTicketField } from "../sdk/connector.ts";

export interface SupportedTicket {
  ticket: TicketRecord;
  /** Fields that the mapping gave and the helpdesk has no place for. */
  leftOut: OptionalTicketField[];
}

/**
 * The ticket without what its helpdesk declares to have no place for, so that no connector carries out half of it.
 * Empty lists ask for nothing and are not told of.
 */
export function withoutUnsupported(
  ticket: TicketRecord,
  { unsupportedTicketFields = [] }: ConnectorCapabilities,
): SupportedTicket {
  const supported = { ...ticket };
  const leftOut: OptionalTicketField[] = [];
  for (const field of unsupportedTicketFields) {
    const value = ticket[field];
    if (value === undefined) continue;
    delete supported[field];
    if (asksForSomething(value)) leftOut.push(field);
  }
  return { ticket: supported, leftOut };
}

function asksForSomething(value: string | object): boolean {
  return typeof value === "string" ? value !== "" : Object.keys(value).length > 0;
}
