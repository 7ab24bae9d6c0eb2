import { type ContactKey, type ContactRecord, oneLine, type RecordRef } from "deskferry/sdk";
import { clean, cut, ID_FIELD } from "./records.ts";
import { failureOf } from "./refusals.ts";
import { customFields } from "./ticket-fields.ts";
import { type CaseTools, recordAddress } from "./tickets.ts";

const what = "save contact";
const MOST_FIRST_NAME = 40;
const MOST_LAST_NAME = 80;

/**
 * A new contact is created, so that only a new one gets the account of the settings: staff move contacts to the right
 * one. Where our id is there already, the contact that has it is written, by upsert: it may be deleted in between.
 */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: CaseTools,
): Promise<RecordRef> {
  const { api, settings, warnOnce } = tools;
  if (contact.organisation) {
    warnOnce(
      "Salesforce knows accounts by id: map `custom.AccountId` instead of `organisation`, which is left out",
    );
  }
  if (contact.language) {
    warnOnce(
      "Salesforce's contacts have no language: map it to a field of your own under `custom`; it is left out",
    );
  }
  const fields = fieldsOf(key, contact);
  const account = settings.account ? { AccountId: settings.account } : {};
  const made = await api.create([{ type: "Contact", fields: { ...account, ...fields } }], what);
  const isThere = "refused" in made && made.refused.code === "DUPLICATE_VALUE";
  const saved = isThere ? await api.upsert({ type: "Contact", fields }, ID_FIELD, what) : made;
  if ("refused" in saved) throw failureOf(saved.refused, what);
  const id = saved.ids[0] ?? "";
  return { id, address: recordAddress(tools, id) };
}

function fieldsOf(key: ContactKey, contact: ContactRecord): Record<string, unknown> {
  const phone = contact.phone ?? key.phone;
  return {
    ...nameOf(oneLine(clean(contact.name))),
    ...(phone ? { MobilePhone: phone } : {}),
    ...(contact.email ? { Email: contact.email } : {}),
    ...customFields(contact.custom),
    [ID_FIELD]: key.externalId,
  };
}

/** Salesforce shows both with a blank between them, and wants a last name. */
function nameOf(name: string): { FirstName: string | null; LastName: string } {
  const first = /^(\S+) (.+)$/.exec(name);
  if (first?.[1] && first[2] && first[1].length <= MOST_FIRST_NAME) {
    return { FirstName: first[1], LastName: cut(first[2], MOST_LAST_NAME) };
  }
  return { FirstName: null, LastName: cut(name, MOST_LAST_NAME) };
}
