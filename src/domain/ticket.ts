/** A ticket's status in our words; `raw` statuses of helpdesks are mapped by their connector. */
export const ticketStatuses = ["new", "open", "pending", "solved", "closed"] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

/** True when the person's next message must reopen the ticket or start another. */
export function isClosed(status: TicketStatus): boolean {
  return status === "solved" || status === "closed";
}

/** What a helpdesk told us of a ticket when it reported a change. */
export interface TicketSnapshot {
  id: string;
  /** The id we gave at creation, when the helpdesk sends it along; see ticketExternalId. */
  externalId?: string;
  /** What people know the ticket by, where that is not its id. */
  number?: string;
  subject?: string;
  status?: TicketStatus;
  rawStatus?: string;
  assignee?: string;
  queue?: string;
}
