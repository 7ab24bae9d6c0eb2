/** Unit of order and of the 24 h window: one channel and one person. `person` is our id, not a phone number. */
export interface ConversationKey {
  channel: string;
  person: string;
}

/**
 * Marks a ticket in the helpdesk as ours: `deskferry/city/3f9a…/1`. The epoch grows when a closed ticket is
 * followed by a new one. From it the way back can be found even when every link was lost.
 */
export function ticketExternalId(key: ConversationKey, epoch: number): string {
  return `deskferry/${key.channel}/${key.person}/${epoch}`;
}

/** Undefined when the id is not one of ours. */
export function parseTicketExternalId(value: string): (ConversationKey & { epoch: number }) | undefined {
  const match = /^deskferry\/([a-z0-9-]+)\/([0-9a-f]+)\/([1-9][0-9]{0,14})$/.exec(value);
  if (!match?.[1] || !match[2] || !match[3]) return undefined;
  return { channel: match[1], person: match[2], epoch: Number(match[3]) };
}
