import {
  type ContactKey,
  type ContactRecord,
  cleanFields,
  cleanText,
  type HttpAnswer,
  PluginError,
  type RecordRef,
} from "deskferry/sdk";
import { z } from "zod";
import { id, madeRecord, read, refusalsOf, refused } from "./records.ts";
import type { TicketTools } from "./tickets.ts";

const what = "save contact";
/** What Freshdesk keeps of a contact in its own fields; anything else that a mapping names is a custom field. */
const ownFields = new Set(["address", "company_id", "description", "job_title", "time_zone", "twitter_id"]);
const found = z.array(z.object({ id, unique_external_id: z.string().nullish() }));

type Fields = Record<string, unknown>;

/**
 * Freshdesk has no upsert, but it refuses a second contact with our id and tells whose it is. So we create, and update
 * where it is refused: lists of contacts have a limit of their own that is far lower.
 */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: TicketTools,
): Promise<RecordRef> {
  const fields = fieldsOf(key, contact, tools);
  const made = await create(fields, tools);
  if (made.status !== 409) return ref(read(made, madeRecord, what).id, tools);
  const existing = await holderOf(key.externalId, made, tools);
  if (existing) return update(existing, fields, tools);
  return withoutEmail(fields, made, (rest) => create(rest, tools), tools);
}

function fieldsOf(key: ContactKey, contact: ContactRecord, tools: TicketTools): Fields {
  const phone = contact.phone ?? key.phone;
  const language = languageOf(contact, tools);
  if (contact.organisation) {
    tools.warnOnce(
      "Freshdesk knows companies by number: map `custom.company_id` instead of `organisation`, which is left out",
    );
  }
  return {
    name: cleanText(contact.name),
    unique_external_id: key.externalId,
    ...(phone ? { mobile: phone } : {}),
    ...(contact.email ? { email: contact.email } : {}),
    ...(language ? { language } : {}),
    ...customOf(contact),
  };
}

function languageOf({ language }: ContactRecord, { settings, warnOnce }: TicketTools): string | undefined {
  if (settings.contactLanguage) return language;
  if (language) warnOnce("the language of contacts is left out: see the setting contactLanguage");
  return undefined;
}

function customOf(contact: ContactRecord): Fields {
  const own: Fields = {};
  const custom: Fields = {};
  for (const [name, value] of Object.entries(cleanFields(contact.custom))) {
    if (ownFields.has(name)) own[name] = value;
    else custom[name] = value;
  }
  return Object.keys(custom).length > 0 ? { ...own, custom_fields: custom } : own;
}

async function create(fields: Fields, { http }: TicketTools): Promise<HttpAnswer> {
  const accept = [400, 409];
  const answer = await http.request({ method: "POST", path: "/contacts", json: fields, what, accept });
  if (answer.status === 400) throw refused(answer, what, namesOf(fields));
  return answer;
}

/** The contact that has our id already; undefined when the conflict is about something else. */
async function holderOf(
  externalId: string,
  conflict: HttpAnswer,
  { http }: TicketTools,
): Promise<string | undefined> {
  const faults = refusalsOf(conflict);
  const ours = faults.find(({ field }) => field === "unique_external_id");
  if (ours?.holder) return ours.holder;
  if (!ours && faults.some(({ field }) => field === "email")) return undefined;
  const query = { unique_external_id: externalId };
  const answer = await http.request({ method: "GET", path: "/contacts", query, what });
  return read(answer, found, what).find((each) => each.unique_external_id === externalId)?.id;
}

async function update(existing: string, fields: Fields, tools: TicketTools): Promise<RecordRef> {
  const path = `/contacts/${encodeURIComponent(existing)}`;
  const put = (json: Fields) =>
    tools.http.request({ method: "PUT", path, json, what, accept: [400, 405, 409] });
  const answer = await put(fields);
  if (answer.status === 400) throw refused(answer, what, namesOf(fields));
  if (answer.status === 405) {
    const operatorMessage = `${what}: the contact ${existing} is blocked or deleted in Freshdesk; restore it there`;
    throw new PluginError({ kind: "rejected", code: 405, operatorMessage });
  }
  if (answer.status === 409) return withoutEmail(fields, answer, put, tools);
  return ref(read(answer, madeRecord, what).id, tools);
}

/** One address belongs to one contact. A person on WhatsApp is not proven to be the owner of that other one. */
async function withoutEmail(
  { email, ...rest }: Fields,
  conflict: HttpAnswer,
  save: (fields: Fields) => Promise<HttpAnswer>,
  tools: TicketTools,
): Promise<RecordRef> {
  const isAboutEmail = refusalsOf(conflict).some(({ field }) => field === "email");
  if (email === undefined || !isAboutEmail) throw refused(conflict, what, namesOf(rest));
  tools.log.warn("Freshdesk has the e-mail address of a contact already for another; saved without it");
  const answer = await save(rest);
  if (answer.status >= 400) throw refused(answer, what, namesOf(rest));
  return ref(read(answer, madeRecord, what).id, tools);
}

function namesOf(fields: Fields): string[] {
  return [...Object.keys(fields), ...Object.keys((fields["custom_fields"] as Fields | undefined) ?? {})];
}

function ref(contactId: string, { settings }: TicketTools): RecordRef {
  return { id: contactId, address: `${settings.url}/a/contacts/${contactId}` };
}
