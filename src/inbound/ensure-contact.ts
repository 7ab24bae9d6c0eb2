import type { ConversationKey } from "../domain/conversation.ts";
import { digest } from "../domain/digest.ts";
import type { MessageReceived } from "../domain/event.ts";
import { GiveUp } from "../domain/failure.ts";
import type { Person } from "../domain/person.ts";
import type { ContactRecord } from "../domain/records.ts";
import type { ContactKey } from "../sdk/connector.ts";
import type { ContactLink } from "../store/links.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { Known } from "./known.ts";
import type { InboundTools } from "./tools.ts";

export interface EnsuredContact {
  link: ContactLink;
  person: Person;
  /** Written to the helpdesk just now, so that it certainly is there. */
  isFresh: boolean;
}

/**
 * The person's contact in the helpdesk, made or brought up to date. The helpdesk is called only when what the
 * mapping says differs from what was written last.
 */
export async function ensureContact(
  event: MessageReceived,
  key: ConversationKey,
  known: Known,
  tools: InboundTools,
): Promise<EnsuredContact> {
  const { contact: link } = known;
  const { person, contactKey, record } = await describeContact(event, key, known, tools);
  const content = digest(JSON.stringify([contactKey, record]));
  if (link?.content === content) return { link, person, isFresh: false };

  const { id } = await tools.connector.upsertContact(contactKey, record);
  crashPoint("contact.written");
  const fresh: ContactLink = { id, externalId: contactKey.externalId, content };
  await tools.store.links.saveContact(key, fresh);
  return { link: fresh, person, isFresh: true };
}

export interface DescribedContact {
  person: Person;
  contactKey: ContactKey;
  record: ContactRecord;
}

/** Who wrote, as far as is known, and what the mapping makes of them. */
export async function describeContact(
  event: MessageReceived,
  key: ConversationKey,
  known: Known,
  tools: InboundTools,
): Promise<DescribedContact> {
  const { lastMessageAt: _, ...remembered } = known.person;
  const person = { ...event.person, ...remembered };
  const input = { channel: key.channel, person, message: event.message };
  const { record } = await tools.mapper.map(tools.mapping, "contact", input);
  return { person, contactKey: contactKeyOf(person, known.contact), record };
}

/** The external id stays what it was at first, also when the person is later known by more. */
function contactKeyOf(person: Person, link: ContactLink | undefined): ContactKey {
  const known = person.userId ?? person.phone;
  const externalId = link?.externalId ?? (known ? `whatsapp:${known}` : undefined);
  if (!externalId) throw new GiveUp("nobody", "the message names neither a user id nor a phone number");
  return {
    externalId,
    ...(person.phone ? { phone: person.phone } : {}),
    ...(person.userId ? { userId: person.userId } : {}),
  };
}

/** The helpdesk has lost the contact: the next try writes it again. */
export async function forgetContact(
  key: ConversationKey,
  link: ContactLink,
  tools: InboundTools,
): Promise<void> {
  await tools.store.links.saveContact(key, { ...link, content: "" });
}
