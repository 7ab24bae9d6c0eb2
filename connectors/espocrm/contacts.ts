import { type ContactKey, type ContactRecord, oneLine, type RecordRef } from "deskferry/sdk";
import { type EspoTools, list, save, withoutMarkup } from "./api.ts";
import { type Contact, clean, contactRecord } from "./records.ts";

const MOST = 100;

/**
 * By our id; else by the phone number, for contacts that staff made. These keep the name that staff gave them. Nothing is
 * written where nothing differs.
 */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: EspoTools,
): Promise<RecordRef> {
  const phone = key.phone ?? contact.phone;
  const known = await findContact(key, phone, tools);
  const wanted = attributesOf(contact, phone, tools);
  const { idField } = tools.settings;
  const json = known
    ? changesOf(
        known,
        { ...wanted, [idField]: known[idField] || key.externalId },
        await tools.directory.account(),
      )
    : { ...wanted, [idField]: key.externalId };
  if (known && Object.keys(json).length === 0) return refOf(known.id, tools);
  const made = await save(
    {
      method: known ? "PUT" : "POST",
      path: known ? `/Contact/${encodeURIComponent(known.id)}` : "/Contact",
      json,
      what: known ? "update contact" : "create contact",
      instead: repairs(tools),
    },
    tools,
  );
  return refOf(made.id, tools);
}

function refOf(id: string, { settings }: EspoTools): RecordRef {
  return { id, address: `${settings.url}/#Contact/view/${id}` };
}

async function findContact(
  { externalId }: ContactKey,
  phone: string | undefined,
  tools: EspoTools,
): Promise<Contact | undefined> {
  const { idField } = tools.settings;
  const byId = { type: "equals" as const, attribute: idField, value: externalId };
  const byPhone = { type: "equals" as const, attribute: "phoneNumber", value: phone };
  const where = phone === undefined ? byId : { type: "or" as const, value: [byId, byPhone] };
  const select = [
    "id",
    "name",
    "firstName",
    "lastName",
    "phoneNumber",
    "emailAddress",
    "createdById",
    idField,
  ];
  const asked = { item: contactRecord, what: "look up contact" };
  const found = await list("/Contact", { where: [where], select, maxSize: 20 }, asked, tools);
  const own = found.find((each) => each[idField] === externalId);
  // A number that went to somebody else: a contact that has an id of ours already is another person.
  return own ?? found.find((each) => !each[idField] && phone !== undefined && each.phoneNumber === phone);
}

function attributesOf(contact: ContactRecord, phone: string | undefined, { warnOnce }: EspoTools) {
  for (const name of ["language", "organisation"] as const) {
    if (contact[name])
      warnOnce(
        `EspoCRM's contacts have no ${name} as text: give it as custom, by the name of a field of yours`,
      );
  }
  return {
    ...nameOf(oneLine(contact.name)),
    ...(phone ? { phoneNumber: phone } : {}),
    ...(contact.email ? { emailAddress: contact.email } : {}),
    ...customOf(contact.custom),
  };
}

/** People write their names in any order, so that the whole is the last name, but for one that is too long for it. */
function nameOf(name: string): { firstName: string; lastName: string } {
  const letters = Array.from(name);
  if (letters.length <= MOST) return { firstName: "", lastName: name };
  const fits = (space: number) => letters[space] === " " && letters.length - space - 1 <= MOST;
  const space = letters.findIndex((_, index) => index <= MOST && fits(index));
  const end = space < 0 ? MOST : space;
  return {
    firstName: letters.slice(0, end).join("").trim(),
    lastName: letters
      .slice(end, end + MOST)
      .join("")
      .trim(),
  };
}

export function customOf(custom: ContactRecord["custom"]): Record<string, unknown> {
  const entries = Object.entries(custom ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? clean(value) : value]),
  );
}

/** What differs. Of a contact that staff made only what is empty is filled in. */
function changesOf(
  known: Contact,
  wanted: Record<string, unknown>,
  account: string,
): Record<string, unknown> {
  const isOurs = known.createdById === account;
  const name = [wanted["firstName"], wanted["lastName"]].filter(Boolean).join(" ");
  return Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => {
      if (field === "firstName" || field === "lastName") return isOurs && known.name !== name;
      if (known[field] === value) return false;
      return isOurs || !known[field];
    }),
  );
}

/** Older versions refuse some characters in names; newer ones check whether a number can exist. */
function repairs({ log }: EspoTools) {
  const plainName = (field: string) => (json: Record<string, unknown>) => ({
    ...json,
    [field]: withoutMarkup(String(json[field] ?? "")),
  });
  return {
    firstName: plainName("firstName"),
    lastName: plainName("lastName"),
    phoneNumber({ phoneNumber: _, ...json }: Record<string, unknown>) {
      log.warn("EspoCRM does not take a person's phone number for one; the contact goes without it");
      return json;
    },
  };
}
