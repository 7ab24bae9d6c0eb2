import { isUserId, type Person, toE164 } from "../../sdk/index.ts";
import { asFields, asId, asText, type Fields, objectsOf } from "./fields.ts";

/** The fields of a message, status or contact that can name one person. */
export interface PersonFields {
  userId?: unknown;
  /** Id at the parent of several portfolios; stands in where the portfolio's own id is missing. */
  parentUserId?: unknown;
  phone?: unknown;
}

/** Finds the names and the other ids of the people in one webhook value. */
export interface People {
  /** Undefined when the fields name nobody. */
  find(fields: PersonFields): Person | undefined;
}

interface Ids {
  userId?: string;
  parentUserId?: string;
  phone?: string;
}

/** Ids as far as they can be read. Some relays put the user id into the phone fields, hence the look at both. */
function idsOf(fields: PersonFields): Ids {
  const number = asId(fields.phone);
  const userId = asId(fields.userId) ?? (number !== undefined && isUserId(number) ? number : undefined);
  const parentUserId = asId(fields.parentUserId);
  const phone = number === undefined ? undefined : toPhone(number);
  return {
    ...(userId ? { userId } : {}),
    ...(parentUserId ? { parentUserId } : {}),
    ...(phone ? { phone } : {}),
  };
}

/** A person by ids alone, without a look at the contacts. */
export function personBy(fields: PersonFields): Person | undefined {
  return toPerson(idsOf(fields), undefined);
}

/**
 * People of one value. `contacts[i]` does not belong to `messages[i]` by contract, so they are joined by id; only a
 * lone contact is taken without one, and only if no id speaks against it (Meta, business-scoped user ids, 2026).
 */
export function peopleOf(contacts: unknown): People {
  const known = objectsOf(contacts).map(readContact);
  const byUserId = new Map<string, Contact>();
  const byParent = new Map<string, Contact>();
  const byPhone = new Map<string, Contact>();
  for (const contact of known) {
    if (contact.ids.userId) byUserId.set(contact.ids.userId, contact);
    if (contact.ids.parentUserId) byParent.set(contact.ids.parentUserId, contact);
    if (contact.ids.phone) byPhone.set(contact.ids.phone, contact);
  }
  const lone = known.length === 1 ? known[0] : undefined;

  return {
    find(fields) {
      const ids = idsOf(fields);
      const match =
        byUserId.get(ids.userId ?? "") ??
        byParent.get(ids.parentUserId ?? "") ??
        byPhone.get(ids.phone ?? "") ??
        lone;
      return toPerson(ids, match && !contradicts(ids, match.ids) ? match : undefined);
    },
  };
}

interface Contact {
  ids: Ids;
  profile: { name?: string; username?: string };
}

const MOST_NUMBERS = 20_000;

/**
 * Most numbers stand in a payload twice or more and come again with the receipts, and reading one costs more than the
 * rest of a message.
 */
function remembering(read: typeof toE164): typeof toE164 {
  const known = new Map<string, string | undefined>();
  return (number) => {
    if (known.has(number)) return known.get(number);
    if (known.size >= MOST_NUMBERS) known.clear();
    const phone = read(number);
    known.set(number, phone);
    return phone;
  };
}

const toPhone = remembering(toE164);

function readContact(contact: Fields): Contact {
  const profile = asFields(contact["profile"]);
  const name = asText(profile?.["name"])?.trim();
  const username = asText(profile?.["username"])?.trim().replace(/^@/, "");
  return {
    ids: idsOf({
      userId: contact["user_id"],
      parentUserId: contact["parent_user_id"],
      phone: contact["wa_id"],
    }),
    profile: { ...(name ? { name } : {}), ...(username ? { username } : {}) },
  };
}

function contradicts(ids: Ids, contact: Ids): boolean {
  if (ids.userId && contact.userId) return ids.userId !== contact.userId;
  if (ids.parentUserId && contact.parentUserId) return ids.parentUserId !== contact.parentUserId;
  return ids.phone !== undefined && contact.phone !== undefined && ids.phone !== contact.phone;
}

function toPerson(own: Ids, contact: Contact | undefined): Person | undefined {
  const ids = { ...contact?.ids, ...own };
  const userId = ids.userId ?? ids.parentUserId;
  if (!userId && !ids.phone) return undefined;
  return { ...(userId ? { userId } : {}), ...(ids.phone ? { phone: ids.phone } : {}), ...contact?.profile };
}
