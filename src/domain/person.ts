import { digest } from "./digest.ts";

/**
 * A person on WhatsApp as one payload shows them. At least one of `userId` and `phone` is present.
 * A user id is scoped to the business portfolio; the phone is optional and may change
 * (Meta, business-scoped user ids, April 2026).
 */
export interface Person {
  /** Business-scoped user id, e.g. `US.13491208655302741918`. */
  userId?: string;
  /** E.164 with `+`. */
  phone?: string;
  /** Profile name as the person wrote it. */
  name?: string;
  /** Without `@`; most people have none. */
  username?: string;
}

/** One way to recognise a person: `phone:+447700900123` or `user:US.1349…`. */
export type Alias = string;

const USER_ID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

/** True for a business-scoped user id. Some relays put one into the phone fields. */
export function isUserId(value: string): boolean {
  return USER_ID.test(value);
}

/** All aliases of a person, the most stable first. Empty when the person is unknown. */
export function aliasesOf(person: Person): Alias[] {
  const aliases: Alias[] = [];
  if (person.userId) aliases.push(`user:${person.userId}`);
  if (person.phone) aliases.push(`phone:${person.phone}`);
  return aliases;
}

/**
 * Our id for whoever was first seen under this alias. Derived, not drawn, so that it is the same again after a loss
 * of every link: the helpdesk's external ids stay valid.
 */
export function personIdOf(alias: Alias): string {
  return digest(alias);
}
