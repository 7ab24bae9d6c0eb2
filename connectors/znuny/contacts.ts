import { type ContactKey, type ContactRecord, cleanText, PluginError, type RecordRef } from "deskferry/sdk";
import { z } from "zod";
import { call, type ZnunyTools } from "./web-service.ts";

/** Longest name and other text that Znuny's table of customer users holds. */
const LONGEST_NAME = 100;
const LONGEST_TEXT = 150;

const what = "save contact";
const stored = z.object({ Contact: z.record(z.string(), z.union([z.string(), z.number(), z.null()])) });

/** Our id is the login, which is unique: an upsert by the add-on, whose answer says what Znuny keeps. */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: ZnunyTools,
): Promise<RecordRef> {
  const { settings, log } = tools;
  const wanted = wantedOf(key, contact);
  const { Contact } = await call(
    {
      operation: "ContactSave",
      body: { Contact: { ...wanted, SpareEmail: spareEmail(key, settings.emailDomain) } },
      schema: stored,
      what,
    },
    tools,
  ).catch((error: unknown) => {
    throw isRefusal(error) ? refused() : error;
  });
  if (Contact["UserLogin"] !== key.externalId) {
    throw new PluginError({
      kind: "ambiguous",
      operatorMessage: `${what}: Znuny answered with another customer user`,
    });
  }
  const lost = Object.keys(wanted).filter((name) => `${Contact[name] ?? ""}` !== wanted[name]);
  if (lost.length > 0) log.warn("Znuny did not keep fields of a contact", { fields: lost });
  const query = `Action=AgentCustomerInformationCenter;CustomerID=${encodeURIComponent(key.externalId)}`;
  return { id: key.externalId, address: `${settings.url}/index.pl?${query}` };
}

function isRefusal(error: unknown): boolean {
  return error instanceof PluginError && error.code === "NothingThere";
}

function refused(): PluginError {
  const operatorMessage = `${what}: Znuny refused the customer user; its log says why (is its customer backend read-only?)`;
  return new PluginError({ kind: "rejected", operatorMessage });
}

function wantedOf(key: ContactKey, contact: ContactRecord): Record<string, string> {
  const phone = contact.phone ?? key.phone;
  const wanted: Record<string, string> = {
    UserLogin: key.externalId,
    UserCustomerID: key.externalId,
    ...nameOf(contact.name),
    ...(phone ? { UserMobile: phone } : {}),
    ...(contact.email ? { UserEmail: contact.email } : {}),
  };
  for (const [name, value] of Object.entries(contact.custom ?? {})) {
    wanted[name] = value === null ? "" : cleanText(String(value)).trim().slice(0, LONGEST_TEXT);
  }
  return wanted;
}

/** Znuny wants a first and a last name; people on WhatsApp may have one word. */
function nameOf(name: string): { UserFirstname: string; UserLastname: string } {
  const words = cleanText(name).trim().split(/\s+/);
  const first = words[0] ?? "";
  const rest = words.slice(1).join(" ");
  return {
    UserFirstname: first.slice(0, LONGEST_NAME) || "–",
    UserLastname: rest.slice(0, LONGEST_NAME).trim() || "–",
  };
}

function spareEmail({ externalId }: ContactKey, domain: string): string {
  const local = externalId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, (text) =>
      text === ":+" || text === ":" ? "-" : `-${Buffer.from(text).toString("hex")}-`,
    );
  return `${local}@${domain}`;
}
