import {
  type ContactKey,
  type ContactRecord,
  cleanFields,
  cleanText,
  PluginError,
  type RecordRef,
} from "deskferry/sdk";
import { refused } from "./api.ts";
import { objectList, read } from "./records.ts";
import type { HubspotTools } from "./tools.ts";

const what = "save contact";

/**
 * One call makes or updates the contact with our id in a property that HubSpot keeps unique. No e-mail address: HubSpot
 * would refuse the contact where another one has it.
 */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: HubspotTools,
): Promise<RecordRef> {
  const { api, settings } = tools;
  const idProperty = settings.fields.contact;
  const properties = propertiesOf(key, contact, tools);
  const json = { inputs: [{ id: key.externalId, idProperty, properties }] };
  const path = api.crm("objects", "/contacts/batch/upsert");
  const answer = await api.call({ method: "POST", path, json, what });
  const [saved] = read(answer, objectList, what).results;
  if (!saved) throw refused(answer, what, json);
  if ((saved.properties[idProperty] ?? key.externalId) !== key.externalId) {
    const operatorMessage = `${what}: HubSpot answered with another contact than the one it was asked for`;
    throw new PluginError({ kind: "ambiguous", operatorMessage });
  }
  const { portalUrl } = settings;
  return { id: saved.id, ...(portalUrl ? { address: `${portalUrl}/record/0-1/${saved.id}` } : {}) };
}

function propertiesOf(key: ContactKey, contact: ContactRecord, { settings, warnOnce }: HubspotTools) {
  if (contact.email) {
    warnOnce("HubSpot recognises contacts by their e-mail address, so that of a contact is left out");
  }
  if (contact.language) {
    warnOnce(
      "the language of contacts is left out: map `custom.hs_language` with one of HubSpot's own values",
    );
  }
  const phone = contact.phone ?? key.phone;
  return {
    // Where a name would have to be split differs from language to language.
    firstname: cleanText(contact.name),
    ...(phone ? { phone } : {}),
    ...(contact.organisation ? { company: cleanText(contact.organisation) } : {}),
    ...cleanFields(contact.custom),
    [settings.fields.contact]: key.externalId,
  };
}
