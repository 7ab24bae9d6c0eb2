import {
  type ContactKey,
  type ContactRecord,
  cleanText,
  type HttpAnswer,
  PluginError,
  parseJson,
  type RecordRef,
} from "deskferry/sdk";
import { z } from "zod";
import { below, type ChatwootTools, contactRecord, read } from "./records.ts";

const MOST_PAGES = 5;

type Contact = z.output<typeof contactRecord>;
type Fields = Record<string, unknown>;

const found = z.object({ payload: z.array(contactRecord) });
/** Chatwoot nests the contact deeper than its own description says. */
const saved = z.union([
  z.object({ payload: z.object({ contact: contactRecord }) }).transform(({ payload }) => payload.contact),
  z.object({ payload: contactRecord }).transform(({ payload }) => payload),
  contactRecord,
]);
const taken = z.object({ attributes: z.array(z.string()) });

/** Finds the contact with our identifier, or makes it; nothing is written where nothing differs. */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: ChatwootTools,
): Promise<RecordRef> {
  const fields = fieldsOf(key, contact);
  const known = await find(key.externalId, ({ identifier }) => identifier === key.externalId, tools);
  const { id } = known ? await update(known, fields, tools) : await create(key, fields, tools);
  const { url, account } = tools.settings;
  return { id, address: `${url}/app/accounts/${account}/contacts/${id}` };
}

function fieldsOf(key: ContactKey, contact: ContactRecord): Fields {
  const phone = contact.phone ?? key.phone;
  const attributes = {
    ...(contact.language ? { language: contact.language } : {}),
    ...(contact.organisation ? { organisation: cleanText(contact.organisation) } : {}),
    ...(key.userId ? { whatsapp_user_id: key.userId } : {}),
    ...contact.custom,
  };
  return {
    identifier: key.externalId,
    name: cleanText(contact.name),
    ...(phone ? { phone_number: phone } : {}),
    ...(contact.email ? { email: contact.email } : {}),
    ...(Object.keys(attributes).length > 0 ? { custom_attributes: attributes } : {}),
  };
}

/** The search looks for parts of names, addresses, numbers and identifiers, so each hit is compared. */
async function find(
  term: string,
  isIt: (contact: Contact) => boolean,
  { http, settings }: ChatwootTools,
): Promise<Contact | undefined> {
  const what = "look up contact";
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = { q: term, page };
    const path = below(settings, "contacts", "search");
    const { payload } = read(await http.request({ method: "GET", path, query, what }), found, what);
    const hit = payload.find(isIt);
    if (hit || payload.length === 0) return hit;
  }
  return undefined;
}

async function create(key: ContactKey, fields: Fields, tools: ChatwootTools): Promise<Contact> {
  const what = "create contact";
  const post = (given: Fields) =>
    tools.http.request({
      method: "POST",
      path: below(tools.settings, "contacts"),
      json: { inbox_id: tools.settings.inbox, ...given },
      what,
      accept: [422],
    });
  const answer = await post(fields);
  if (answer.status !== 422) return read(answer, saved, what);
  const refused = takenBy(answer);
  const phone = fields["phone_number"];
  if (refused.includes("identifier")) {
    // Somebody was quicker, also we ourselves before a lost answer.
    const made = await find(key.externalId, ({ identifier }) => identifier === key.externalId, tools);
    if (made) return update(made, fields, tools);
  }
  if (refused.includes("phone_number") && typeof phone === "string") {
    const owner = await find(phone, ({ phone_number: number }) => number === phone, tools);
    // A contact from another inbox, or made by hand. One with an identifier is somebody's already.
    if (owner && !owner.identifier) return update(owner, fields, tools);
  }
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !refused.includes(name)));
  if (refused.length > 0 && "identifier" in rest) {
    tools.log.warn("Chatwoot refused what another contact has; made without it", { fields: refused });
    const second = await post(rest);
    if (second.status !== 422) return read(second, saved, what);
  }
  const operatorMessage = `${what}: Chatwoot refused the contact`;
  throw new PluginError({ kind: "rejected", code: 422, operatorMessage });
}

function takenBy(answer: HttpAnswer): string[] {
  const result = taken.safeParse(parseJson(answer.text));
  return result.success ? result.data.attributes.filter((name) => /^[a-z_]{1,40}$/.test(name)) : [];
}

async function update(known: Contact, fields: Fields, { http, settings }: ChatwootTools): Promise<Contact> {
  if (!differs(known, fields)) return known;
  const what = "update contact";
  const path = below(settings, "contacts", known.id);
  // The e-mail address stays as staff have it; one that another contact has would fail the whole update.
  const { email: _, ...json } = fields;
  await http.request({ method: "PUT", path, json, what });
  return known;
}

function differs(
  known: Contact,
  { name, identifier, phone_number: phone, custom_attributes: custom }: Fields,
) {
  if (known.name !== name || known.identifier !== identifier) return true;
  if (phone !== undefined && known.phone_number !== phone) return true;
  return Object.entries((custom as Fields | undefined) ?? {}).some(
    ([key, value]) => known.custom_attributes?.[key] !== value,
  );
}
