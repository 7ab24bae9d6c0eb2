import { type Person, toE164 } from "../../sdk/index.ts";
import { personBy } from "../cloud-api/people.ts";

const PREFIX = "whatsapp:";

/** `whatsapp:+447700900123` without its prefix; undefined when it is no WhatsApp address. */
function idOf(address: string | undefined): string | undefined {
  return address?.startsWith(PREFIX) ? address.slice(PREFIX.length).trim() : undefined;
}

/** The business number of an address, as the settings have it. */
export function accountOf(address: string | undefined): string | undefined {
  return toE164(idOf(address) ?? "");
}

/**
 * The person of a form. The address holds a phone number or, since 2026, a business-scoped user id
 * (twilio.com/en-us/changelog, 20 July 2026); `WaId` and `ExternalUserId` complete it.
 */
export function personOf(form: ReadonlyMap<string, string>, side: "From" | "To"): Person | undefined {
  const address = idOf(form.get(side));
  const isSender = side === "From";
  const userId = isSender ? (idOf(form.get("ExternalUserId")) ?? form.get("ExternalUserId")) : undefined;
  const byAddress = personBy({ phone: address });
  const byIds = personBy({ userId, phone: isSender ? form.get("WaId") : undefined });
  if (!byAddress && !byIds) return undefined;
  const name = isSender ? form.get("ProfileName")?.trim() : undefined;
  return { ...byIds, ...byAddress, ...(name ? { name } : {}) };
}

/** The address of a person; undefined without any id. */
export function addressOf(person: Person): string | undefined {
  const id = person.phone ?? person.userId;
  return id === undefined ? undefined : `${PREFIX}${id}`;
}

export function addressOfNumber(number: string): string {
  return `${PREFIX}${number}`;
}
