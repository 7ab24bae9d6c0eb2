import {
  type ContactKey,
  type ContactRecord,
  cleanFields,
  cleanText,
  fromHttpResponse,
  PluginError,
  type RecordRef,
} from "deskferry/sdk";
import {
  read,
  refusalIn,
  refused,
  type UserRecord,
  userRecord,
  warnOfLost,
  type ZammadTools,
} from "./records.ts";

type Fields = Record<string, unknown>;

/** Finds the user with our login, or makes it; nothing is written where nothing differs. */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: ZammadTools,
): Promise<RecordRef> {
  const login = loginOf(key.externalId);
  if (contact.language)
    tools.warnOnce("Zammad knows languages of its own pages only: that of a contact is left out");
  const known = await findUser(login, tools);
  const user = known ? await update(known, key, contact, tools) : await create(login, key, contact, tools);
  warnOfLost("users", contact.custom ?? {}, user, tools);
  const { id } = user;
  return { id, address: `${tools.settings.url}/#user/profile/${id}` };
}

/** Zammad keeps logins in small letters; what would be lost by that is written out, as `^` and hexadecimal digits. */
export function loginOf(externalId: string): string {
  return Array.from(Buffer.from(externalId), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9:+._-]/.test(character) ? character : `^${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/**
 * Zammad's search follows seconds behind, and by then a second user would be made. But who may act for others is told at
 * once whether there is a user with a login, by asking in its name who one is.
 */
export async function findUser(login: string, { http, clock }: ZammadTools): Promise<UserRecord | undefined> {
  const what = "look up contact";
  const headers = { From: login };
  const answer = await http.request({ method: "GET", path: "/users/me", headers, what, accept: [403] });
  if (answer.status === 403) {
    if (refusalIn(answer).startsWith("No such user ")) return undefined;
    throw fromHttpResponse(answer, what, clock.now());
  }
  const user = read(answer, userRecord, what);
  if (user.login === login) return user;
  const operatorMessage = `${what}: Zammad answered with another user; does a proxy before it take the header From away?`;
  throw new PluginError({ kind: "config", operatorMessage });
}

/** Both names, or Zammad guesses where one ends and the other begins. */
function nameFields({ name }: ContactRecord): Fields {
  const words = cleanText(name).split(/\s+/).filter(Boolean);
  const last = words.length > 1 ? words.pop() : "";
  return { firstname: words.join(" "), lastname: last };
}

function fieldsOf(key: ContactKey, contact: ContactRecord): Fields {
  const phone = contact.phone ?? key.phone;
  return { ...nameFields(contact), ...(phone ? { mobile: phone } : {}), ...cleanFields(contact.custom) };
}

/** What belongs to somebody else already, or is not there, is left out; the person is heard anyway. */
async function create(
  login: string,
  key: ContactKey,
  contact: ContactRecord,
  tools: ZammadTools,
): Promise<UserRecord> {
  const what = "create contact";
  let fields: Fields = {
    login,
    ...fieldsOf(key, contact),
    ...(contact.email ? { email: contact.email } : {}),
    ...(contact.organisation ? { organization: cleanText(contact.organisation) } : {}),
  };
  for (;;) {
    const answer = await tools.http.request({
      method: "POST",
      path: "/users",
      json: fields,
      what,
      accept: [422],
    });
    if (answer.status !== 422) return only(read(answer, userRecord, what), login, tools);
    const name = refusedPart(refusalIn(answer), fields);
    if (!name) throw refused(answer, what, Object.keys(fields));
    tools.log.warn("Zammad refused a part of a contact, which is made without it", { part: name });
    const { [name]: _, ...rest } = fields;
    fields = rest;
  }
}

function refusedPart(words: string, fields: Fields): string | undefined {
  if ("email" in fields && /email/i.test(words)) return "email";
  return "organization" in fields && words.includes("'organization'") ? "organization" : undefined;
}

/** Zammad gives a second user of a login a number behind it. Somebody was quicker then, and that one is ours. */
async function only(made: UserRecord, login: string, tools: ZammadTools): Promise<UserRecord> {
  if (made.login === login) return made;
  tools.log.warn("a contact was made twice at the same moment; delete the second one in Zammad", {
    second: made.id,
  });
  return (await findUser(login, tools)) ?? made;
}

/** The e-mail address and the organisation stay as staff have them. */
async function update(
  known: UserRecord,
  key: ContactKey,
  contact: ContactRecord,
  tools: ZammadTools,
): Promise<UserRecord> {
  const fields = fieldsOf(key, contact);
  if (Object.entries(fields).every(([name, value]) => known[name] === value)) return known;
  const what = "update contact";
  const path = `/users/${encodeURIComponent(known.id)}`;
  const answer = await tools.http.request({ method: "PUT", path, json: fields, what, accept: [422] });
  if (answer.status === 422) throw refused(answer, what, Object.keys(fields));
  return read(answer, userRecord, what);
}
