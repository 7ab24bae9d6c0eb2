import { createHash } from "node:crypto";
import { compact } from "../read.ts";

/** A person with WhatsApp. */
export interface SandboxPerson {
  /** Phone with `+`, else the user id; names the person in ledgers. */
  key: string;
  phone?: string;
  userId?: string;
  name: string;
  username?: string;
  /** Time of the last message to each business number, by the message's own time stamp. */
  lastMessageAt: Map<string, number>;
}

export interface PersonInput {
  phone?: string;
  /** Absent: one is made from the phone, as every webhook carries one since April 2026. Null: none. */
  userId?: string | null;
  name?: string;
  username?: string;
}

export interface People {
  /** Finds or makes the person and remembers what is new about them. */
  meet(input: PersonInput): SandboxPerson;
  all(): SandboxPerson[];
}

export function createPeople(): People {
  const byAlias = new Map<string, SandboxPerson>();
  return {
    meet(input) {
      const given = { ...input, ...compact({ phone: normalised(input.phone) }) };
      const aliases = [given.phone, given.userId].flatMap((alias) => alias ?? []);
      const known = aliases.map((alias) => byAlias.get(alias)).find((person) => person !== undefined);
      const person = Object.assign(known ?? create(given), learnt(given));
      for (const alias of [...aliases, person.userId ?? person.key]) byAlias.set(alias, person);
      return person;
    },
    all: () => [...new Set(byAlias.values())],
  };
}

function normalised(phone: string | undefined): string | undefined {
  return phone === undefined ? undefined : `+${phone.replace(/\D/g, "")}`;
}

/** What this occasion tells about the person. */
function learnt(input: PersonInput): Partial<SandboxPerson> {
  const { phone, name, username } = input;
  return compact({ phone, name, username, userId: input.userId ?? undefined });
}

function create(input: PersonInput): SandboxPerson {
  const userId = input.userId === undefined && input.phone ? userIdFor(input.phone) : input.userId;
  const key = input.phone ?? userId ?? "";
  return { key, name: "Somebody", lastMessageAt: new Map(), ...compact({ userId: userId ?? undefined }) };
}

/** A stable business-scoped user id for a phone. `ZZ` is nobody's country (ISO 3166-1, user-assigned). */
function userIdFor(phone: string): string {
  const digest = createHash("sha256").update(phone).digest("hex");
  return `ZZ.${BigInt(`0x${digest.slice(0, 16)}`)
    .toString()
    .padStart(20, "1")}`;
}
