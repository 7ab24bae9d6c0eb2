import {
  type ContactKey,
  type ContactRecord,
  cleanText,
  type HttpClient,
  PluginError,
  type PluginLog,
  type RecordRef,
} from "deskferry/sdk";
import { foundUser, pageOf, read, userFields, userRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

export interface ContactTools {
  http: HttpClient;
  settings: Settings;
  log: PluginLog;
}

/** What RT keeps of a user in its own columns; anything else that a mapping names is a custom field. */
const ownColumns = new Set(
  "NickName Comments Address1 Address2 City State Zip Country HomePhone WorkPhone PagerPhone Timezone Gecos".split(
    " ",
  ),
);

interface Wanted {
  columns: Record<string, string>;
  fields: Record<string, string | null>;
}

interface User {
  id: string;
  name: string;
  privileged: boolean;
  /** The user as RT sent it. */
  raw: Record<string, unknown>;
  fields: ReadonlyMap<string, string[]>;
}

/** Creates the RT user of a person, or brings it up to date; nothing is written where nothing differs. */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: ContactTools,
): Promise<RecordRef> {
  const wanted = wantedOf(key, contact, tools.settings);
  const known = await findUser(key, tools);
  const user = known ? await update(known, wanted, tools) : await create(key.externalId, wanted, tools);
  return { id: user.id, address: `${tools.settings.url}/User/Summary.html?id=${user.id}` };
}

function wantedOf(key: ContactKey, contact: ContactRecord, { fields: names }: Settings): Wanted {
  const phone = key.phone ?? contact.phone;
  const columns: Record<string, string> = { RealName: cleanText(contact.name) };
  const fields: Record<string, string | null> = {};
  if (contact.email) columns["EmailAddress"] = contact.email;
  if (contact.language) columns["Lang"] = contact.language;
  if (contact.organisation) columns["Organization"] = cleanText(contact.organisation);
  if (contact.phone) columns["MobilePhone"] = contact.phone;
  if (phone) fields[names.phone] = phone;
  if (key.userId) fields[names.userId] = key.userId;
  for (const [name, value] of Object.entries(contact.custom ?? {})) {
    const text = value === null ? null : cleanText(String(value));
    if (ownColumns.has(name)) columns[name] = text ?? "";
    else fields[name] = text;
  }
  return { columns, fields };
}

/** By our name first; then by user id and phone, for users that were renamed or made by hand. */
async function findUser(key: ContactKey, tools: ContactTools): Promise<User | undefined> {
  const { phone: phoneField, userId: userIdField } = tools.settings.fields;
  const named = await getUser(key.externalId, tools);
  if (named) return named;
  const byUserId = key.userId ? await findByField(userIdField, key.userId, tools) : [];
  if (byUserId[0]) return byUserId[0];
  const byPhone = key.phone ? await findByField(phoneField, key.phone, tools) : [];
  // A number that went to somebody else: the user with another user id is another person.
  return byPhone.find((user) => {
    const userId = user.fields.get(userIdField)?.[0];
    return !userId || !key.userId || userId === key.userId;
  });
}

/**
 * RT ignores a field that it cannot search by and then returns all users
 * (RT::REST2::Resource::Collection::QueryByJSON), hence the comparison here.
 */
async function findByField(field: string, value: string, tools: ContactTools): Promise<User[]> {
  const what = "look up contact";
  const answer = await tools.http.request({
    method: "POST",
    path: "/users",
    query: { fields: "CustomFields", per_page: 100 },
    json: [{ field: `CustomField.{${field}}`, value }],
    what,
  });
  const { items } = read(answer, pageOf(foundUser), what);
  const names = items.filter((item) => item.CustomFields.get(field)?.includes(value)).map(({ id }) => id);
  const users: User[] = [];
  for (const name of names) {
    const user = await getUser(name, tools);
    if (user) users.push(user);
  }
  return users;
}

async function getUser(idOrName: string, { http, settings }: ContactTools): Promise<User | undefined> {
  const what = "read contact";
  const path = `/user/${encodeURIComponent(idOrName)}`;
  const answer = await http.request({ method: "GET", path, what, accept: [404] });
  if (answer.status === 404) return undefined;
  const { id, Name, Privileged, CustomFields } = read(answer, userRecord, what);
  if (id === undefined) {
    const operatorMessage = `${what}: the account ${settings.username} may not see users; give it the right AdminUsers (see setup.md)`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  const raw = read(answer, userFields, what);
  return { id, name: Name, privileged: Privileged, raw, fields: CustomFields };
}

async function create(name: string, wanted: Wanted, tools: ContactTools): Promise<User> {
  const what = "create contact";
  const post = (columns: Record<string, string>) =>
    tools.http.request({
      method: "POST",
      path: "/user",
      json: { Name: name, ...columns, CustomFields: withoutNull(wanted.fields) },
      what,
      accept: [400],
    });
  const answer = await post(wanted.columns);
  const made = await getUser(name, tools);
  // 400 "Name in use": somebody was quicker, also we ourselves before a lost answer.
  if (made) return answer.status === 400 ? update(made, wanted, tools) : verified(made, wanted, tools);
  const { EmailAddress, ...columns } = wanted.columns;
  if (answer.status === 400 && EmailAddress !== undefined) {
    // RT has one user per address. A person on WhatsApp is not proven to be the owner of that other one.
    tools.log.warn("RT refused the e-mail address of a contact; made without it");
    await post(columns);
    const second = await getUser(name, tools);
    if (second) return verified(second, { ...wanted, columns }, tools);
  }
  throw new PluginError({ kind: "rejected", code: 400, operatorMessage: `${what}: RT refused the user` });
}

function withoutNull(fields: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

/** Staff keep their accounts as they are, also when they write to us from their own phones. */
async function update(user: User, wanted: Wanted, tools: ContactTools): Promise<User> {
  if (user.privileged) return user;
  const columns = Object.fromEntries(
    Object.entries(wanted.columns).filter(([name, value]) => (user.raw[name] ?? "") !== value),
  );
  const fields = Object.fromEntries(
    Object.entries(wanted.fields).filter(([name, value]) => !holds(user, name, value)),
  );
  if (Object.keys(columns).length + Object.keys(fields).length === 0) return user;
  const what = "update contact";
  const path = `/user/${encodeURIComponent(user.id)}`;
  await tools.http.request({ method: "PUT", path, json: { ...columns, CustomFields: fields }, what });
  const after = await getUser(user.id, tools);
  if (!after) throw new PluginError({ kind: "not_found", operatorMessage: `${what}: the user is gone` });
  return verified(after, wanted, tools);
}

function holds(user: User, field: string, value: string | null): boolean {
  const present = user.fields.get(field)?.[0];
  return value === null ? present === undefined || present === "" : present === value;
}

/** RT answers 200 and 201 when it ignored a custom field (RT::REST2::Util, update_custom_fields). */
function verified(user: User, wanted: Wanted, { settings, log }: ContactTools): User {
  const missing = Object.keys(wanted.fields).filter(
    (name) => !holds(user, name, wanted.fields[name] ?? null),
  );
  if (missing.length === 0) return user;
  const ours: string[] = [settings.fields.phone, settings.fields.userId];
  const essential = missing.filter((name) => ours.includes(name));
  if (essential.length === 0) {
    log.warn("RT did not keep custom fields of a contact: no such field, or no right", { fields: missing });
    return user;
  }
  const operatorMessage =
    `save contact: RT did not keep the custom field ${essential.join(", ")}; ` +
    "load initialdata, or give the account SeeCustomField and ModifyCustomField on it (see setup.md)";
  throw new PluginError({ kind: "config", operatorMessage });
}
