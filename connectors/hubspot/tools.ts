import type { Clock, Tools } from "deskferry/sdk";
import type { Api } from "./api.ts";
import type { Directory } from "./directory.ts";
import type { Settings } from "./settings.ts";

/** What the parts of this connector work with. */
export interface HubspotTools {
  api: Api;
  /** Makes a client for another host, without our credentials. */
  createClient: Tools["http"];
  settings: Settings;
  directory: Directory;
  clock: Clock;
  /** The same words once only: what HubSpot cannot keep is so for every ticket. */
  warnOnce(message: string): void;
}

/** Of https://developers.hubspot.com/docs/api-reference/latest/crm/associations/associate-records/guide */
const associationTypes = { ticketToContact: 16, noteToContact: 202, noteToTicket: 228 } as const;

/** An association of a new record with one that is there. */
export function associatedWith(id: string, type: keyof typeof associationTypes) {
  return {
    to: { id },
    types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: associationTypes[type] }],
  };
}
