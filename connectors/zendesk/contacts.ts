import {
  type ContactKey,
  type ContactRecord,
  cleanFields,
  cleanText,
  PluginError,
  type RecordRef,
} from "deskferry/sdk";
import { z } from "zod";
import { read, userRecord } from "./records.ts";
import type { TicketTools } from "./tickets.ts";

const what = "save contact";

/**
 * One call makes or updates the user with our external id. No role is sent, so that staff who write from their own
 * phones stay staff; no e-mail address, because Zendesk would take the user who has it for this one.
 */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  { http, settings, warnOnce }: TicketTools,
): Promise<RecordRef> {
  if (contact.email) {
    warnOnce("Zendesk recognises users by their e-mail address, so that of a contact is left out");
  }
  const user = {
    external_id: key.externalId,
    name: cleanText(contact.name),
    skip_verify_email: true,
    ...withDefined({
      phone: contact.phone ?? key.phone,
      locale: contact.language,
      organization: contact.organisation && { name: cleanText(contact.organisation) },
      user_fields: contact.custom && cleanFields(contact.custom),
    }),
  };
  const path = "/api/v2/users/create_or_update.json";
  const answer = await http.request({ method: "POST", path, json: { user }, what });
  const saved = read(answer, z.object({ user: userRecord }), what).user;
  // Zendesk compares external ids without regard to case.
  if (saved.id === null || saved.external_id?.toLowerCase() !== key.externalId.toLowerCase()) {
    const operatorMessage = `${what}: Zendesk answered with another user than the one it was asked for`;
    throw new PluginError({ kind: "ambiguous", operatorMessage });
  }
  return { id: saved.id, address: `${settings.url}/agent/users/${saved.id}` };
}

function withDefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""),
  );
}
