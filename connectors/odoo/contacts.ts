import type { ContactKey, ContactRecord, RecordRef } from "deskferry/sdk";
import { z } from "zod";
import { addressOf } from "./applications.ts";
import { customValues } from "./custom-fields.ts";
import { link, madeId, oneLine } from "./records.ts";
import type { OdooTools } from "./tools.ts";

const model = "res.partner";

/** A contact as it is, its fields by their technical names. */
type Partner = z.output<typeof partner>;
const partner = z.looseObject({ id: z.number().int(), create_uid: link });

/**
 * Our id stands in a field of the contact. One that staff made is taken over if its number is the person's; then only what
 * is empty is filled in, since staff know better. Nothing is written where nothing differs.
 */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: OdooTools,
): Promise<RecordRef> {
  const { directory, settings } = tools;
  const ownField = await directory.needField(model, settings.fields.contact);
  const wanted = await valuesOf(key, contact, tools);
  const known = await findContact(key, Object.keys(wanted), tools);
  const values = { ...wanted, [ownField]: key.externalId };
  const id = known ? await update(known, values, tools) : await create(values, tools);
  return { id: String(id), address: addressOf(settings, model, String(id)) };
}

async function valuesOf(key: ContactKey, contact: ContactRecord, tools: OdooTools) {
  const { name, email, organisation, language, custom } = contact;
  const phone = contact.phone ?? key.phone;
  const code = language ? await languageOf(language, tools) : undefined;
  return {
    name: oneLine(name),
    ...(phone ? { phone } : {}),
    ...(email ? { email: oneLine(email) } : {}),
    ...(organisation ? { company_name: oneLine(organisation) } : {}),
    ...(code ? { lang: code } : {}),
    ...(await customValues(model, custom, tools)),
  };
}

/** `pt-BR` is `pt_BR`; `pt` alone the first Portuguese that is installed. */
async function languageOf(language: string, { directory, warnOnce }: OdooTools): Promise<string | undefined> {
  const installed = await directory.languages();
  const wanted = language.replace("-", "_").toLowerCase();
  const [short = ""] = wanted.split("_");
  const codes = installed.map((code) => ({ code, plain: code.toLowerCase() }));
  const found =
    codes.find(({ plain }) => plain === wanted) ??
    codes.find(({ plain }) => plain === short || plain.startsWith(`${short}_`));
  if (!found) warnOnce(`the language ${short} is not installed in Odoo: contacts are saved without it`);
  return found?.code;
}

async function findContact(
  key: ContactKey,
  fields: string[],
  tools: OdooTools,
): Promise<Partner | undefined> {
  const { settings, directory } = tools;
  const ownField = settings.fields.contact;
  const read = [...new Set([...fields, ownField, "create_uid"])];
  const [own] = (await search([[ownField, "=", key.externalId]], read, tools)).filter(
    (found) => found[ownField] === key.externalId,
  );
  if (own || !settings.matchPhone || key.phone === undefined) return own;
  const phoneField = (await directory.fields(model)).has("phone_sanitized") ? "phone_sanitized" : "phone";
  const domain = [
    [phoneField, "=", key.phone],
    [ownField, "=", false],
    ["is_company", "=", false],
    ["partner_share", "=", true],
  ];
  const same = (await search(domain, [...read, phoneField], tools)).filter(
    (found) => found[phoneField] === key.phone && !found[ownField],
  );
  // Of several nobody can tell which one it is.
  return same.length === 1 ? same[0] : undefined;
}

/** Archived ones too, oldest first. */
function search(domain: unknown[], fields: string[], { rpc }: OdooTools): Promise<Partner[]> {
  const given = { domain, fields, order: "id", limit: 10 };
  const context = { active_test: false };
  const what = "look up contact";
  return rpc.call({ model, method: "search_read", given, context, returns: z.array(partner), what });
}

function create(values: Record<string, unknown>, { rpc }: OdooTools): Promise<number> {
  const given = { vals_list: [values] };
  return rpc.call({ model, method: "create", given, returns: madeId, what: "create contact" });
}

async function update(known: Partner, wanted: Record<string, unknown>, tools: OdooTools): Promise<number> {
  const isOurs = known.create_uid?.id === (await tools.rpc.userId());
  const changed = Object.entries(wanted).filter(([name, value]) => {
    const present = plain(known[name]);
    return isOurs ? present !== value : present === false;
  });
  if (changed.length === 0) return known.id;
  const given = { vals: Object.fromEntries(changed) };
  const what = "update contact";
  await tools.rpc.call({ model, method: "write", ids: [known.id], given, returns: z.literal(true), what });
  return known.id;
}

/** What `write` would take: of a field that leads to a record its number. */
function plain(value: unknown): unknown {
  return Array.isArray(value) && value.length === 2 ? value[0] : (value ?? false);
}
