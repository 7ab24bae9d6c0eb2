/** As in mails: `<name@place>`. Odoo looks replies to its mails up by it, so it has to be one of a kind. */
const OURS = /^<wa\.([A-Za-z0-9_-]+)@deskferry>$/;

/** Our id of a comment as the Message-Id of Odoo's message. */
export function messageIdOf(externalId: string): string {
  return `<wa.${Buffer.from(externalId).toString("base64url")}@deskferry>`;
}

/** Our id of a comment; undefined where the message is not ours. */
export function externalIdOf(messageId: string | undefined): string | undefined {
  const encoded = OURS.exec(messageId ?? "")?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64url").toString();
}
