import { isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/max";

/** At most 15 digits, and no country code begins with 0 (ITU-T E.164): group ids and national numbers fall out. */
const E164 = /^\+[1-9][0-9]{4,14}$/;

/**
 * E.164 with `+` from the forms that WhatsApp and helpdesks use: `447700900123`, `+44 7700 900123`.
 * Returns undefined for what cannot be a phone number. National oddities live here and nowhere else:
 * WhatsApp writes Brazilian mobiles without the ninth digit, Mexican ones with a `1` and Argentine ones
 * with or without a `9`, so that one person has two spellings (github.com/chatwoot/chatwoot/issues/5840, /14048).
 */
export function toE164(value: string): string | undefined {
  const plain = value.replace(/[\s().-]/g, "").replace(/^(\+|00)?/, "+");
  return E164.test(plain) ? canonical(plain) : undefined;
}

/** Applied until nothing changes, so that the canonical form of a canonical form is itself. */
function canonical(phone: string): string {
  const next = brazil(phone) ?? mexico(phone) ?? argentina(phone) ?? withoutTrunkPrefix(phone);
  return next === phone ? phone : canonical(next);
}

/** +44 (0)7700 900123 becomes +44 7700 900123. */
function withoutTrunkPrefix(phone: string): string {
  return parsePhoneNumberFromString(phone)?.number ?? phone;
}

/** +55 AA NNNN-NNNN becomes +55 AA 9NNNN-NNNN for mobile prefixes (6 to 9). */
function brazil(phone: string): string | undefined {
  const old = /^\+55([1-9][0-9])([6-9][0-9]{7})$/.exec(phone);
  return old ? `+55${old[1]}9${old[2]}` : undefined;
}

/** +521 NNNNNNNNNN becomes +52 NNNNNNNNNN (the 1 left the plan in 2019). */
function mexico(phone: string): string | undefined {
  const old = /^\+521([0-9]{10})$/.exec(phone);
  return old ? `+52${old[1]}` : undefined;
}

/** +54 NNNNNNNNNN becomes +549 NNNNNNNNNN: WhatsApp reaches mobiles only. */
function argentina(phone: string): string | undefined {
  const short = /^\+54([1-8][0-9]{9})$/.exec(phone);
  return short ? `+549${short[1]}` : undefined;
}

/** A number as people and machines of its country write it. */
export interface PhoneDescription {
  e164: string;
  /** ISO 3166, two letters; absent where several countries share a code and the number does not tell. */
  country?: string;
  /** As people of that country write it: `07700 900123`. */
  national: string;
}

/**
 * Takes a number apart that a person or a helpdesk wrote. `home` (ISO 3166) tells how to read one without country code;
 * without it such a number is read as international, as toE164 does. Undefined for what cannot be a phone number.
 */
export function describePhone(value: string, home?: string): PhoneDescription | undefined {
  const isInternational = home === undefined || /^\s*(\+|00)/.test(value);
  const e164 = isInternational ? toE164(value) : fromNational(value, home);
  const known = e164 && parsePhoneNumberFromString(e164);
  if (!e164 || !known) return undefined;
  return { e164, ...(known.country ? { country: known.country } : {}), national: known.formatNational() };
}

function fromNational(value: string, home: string): string | undefined {
  if (!isSupportedCountry(home)) return undefined;
  const number = parsePhoneNumberFromString(value, home);
  return number?.isPossible() ? toE164(number.number) : undefined;
}

/**
 * Another number of the same country and length, and of its kind where it has one, by `digits`, which gives as many other
 * digits; undefined when `phone` (E.164) names no country. Two leading digits stay: they tell a mobile from a landline.
 */
export function pseudoPhone(
  phone: string,
  digits: (attempt: number, digits: string) => string,
): string | undefined {
  const real = parsePhoneNumberFromString(phone);
  if (!real) return undefined;
  const start = `+${real.countryCallingCode}${real.nationalNumber.slice(0, 2)}`;
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const other = start + digits(attempt, real.nationalNumber.slice(2));
    const parsed = parsePhoneNumberFromString(other);
    const isLike = !real.isValid() || (parsed?.isValid() && parsed.country === real.country);
    if (isLike && other !== real.number && toE164(other) === other) return other;
  }
  return undefined;
}
