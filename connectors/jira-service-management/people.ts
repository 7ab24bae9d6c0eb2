import { createHash } from "node:crypto";
import {
  type Clock,
  type ContactKey,
  type ContactRecord,
  cleanText,
  type HttpClient,
  oneLine,
  PluginError,
  type RecordRef,
} from "deskferry/sdk";
import { z } from "zod";
import { configProblem, read } from "./records.ts";
import type { Settings } from "./settings.ts";

const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 1000;

const storedPerson = z.object({ value: z.looseObject({ externalId: z.string(), line: z.string() }) });

/** People of WhatsApp, who are properties of an organization: docs/decisions/0037. */
export interface People {
  upsert(key: ContactKey, contact: ContactRecord): Promise<RecordRef>;
  /** Name and phone number in one line, as the field of a ticket shows them. */
  lineOf(contactId: string): Promise<string>;
}

export function createPeople(http: HttpClient, { organization }: Settings, clock: Clock): People {
  // A first message writes the person and then a ticket that names them.
  const kept = new Map<string, { line: string; at: number }>();

  const pathOf = (property: string) =>
    `/rest/servicedeskapi/organization/${organization}/property/${encodeURIComponent(property)}`;

  function keep(property: string, line: string) {
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(property, { line, at: clock.now() });
  }

  async function stored(property: string, what: string) {
    const answer = await http.request({ method: "GET", path: pathOf(property), what });
    return read(answer, storedPerson, what).value;
  }

  return {
    /** One address a person, so that writing twice leaves one. Jira answers nothing: what is there is read. */
    async upsert(key, contact) {
      const what = "save contact";
      const property = propertyOf(key.externalId);
      const json = personOf(key, contact);
      const path = pathOf(property);
      const answer = await http.request({ method: "PUT", path, json, what, accept: [404] });
      if (answer.status === 404)
        throw configProblem(`${what}: Jira has no organization ${organization} (setting organization)`);
      const after = await stored(property, what);
      if (after.externalId !== key.externalId || after.line !== json.line) {
        const operatorMessage = `${what}: Jira did not keep a property of the organization ${organization}`;
        throw new PluginError({ kind: "ambiguous", operatorMessage });
      }
      keep(property, json.line);
      return { id: property };
    },
    async lineOf(contactId) {
      const known = kept.get(contactId);
      if (known && clock.now() - known.at < KEPT_MS) return known.line;
      const { line } = await stored(contactId, "look up contact");
      keep(contactId, line);
      return line;
    },
  };
}

/** Names of properties are short, and databases may compare them without regard to case. */
function propertyOf(externalId: string): string {
  return `deskferry.person.${createHash("sha256").update(externalId).digest("hex").slice(0, 40)}`;
}

function personOf(key: ContactKey, contact: ContactRecord) {
  const name = cleanText(contact.name);
  const phone = contact.phone ?? key.phone;
  return {
    externalId: key.externalId,
    name,
    // Text fields of one line hold 255 characters.
    line: Array.from(oneLine(phone && phone !== name ? `${name}, ${phone}` : name))
      .slice(0, 250)
      .join(""),
    ...(phone ? { phone } : {}),
    ...(key.userId ? { userId: key.userId } : {}),
    ...(contact.email ? { email: cleanText(contact.email) } : {}),
    ...(contact.language ? { language: contact.language } : {}),
    ...(contact.organisation ? { organisation: cleanText(contact.organisation) } : {}),
    ...(contact.custom ? { custom: contact.custom } : {}),
  };
}
