import { secret, serverUrl, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

const property = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,99}$/, "must be the internal name of a property, e.g. deskferry_id");
const priority = z.string().regex(/^[A-Z0-9_]{1,50}$/, "must be the internal value of a priority, e.g. HIGH");

export const settings = z.strictObject({
  token: secret("Service key, or access token of an app in your own account"),
  apiUrl: serverUrl("Address of HubSpot's API").default("https://api.hubapi.com"),
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d{2}$/, "must be a year and a month, e.g. 2026-09")
    .default("2026-09")
    .meta({ description: "Version of HubSpot's API" }),
  portalUrl: serverUrl(
    "Address of your account as the browser shows it, e.g. https://app.hubspot.com/contacts/1234567",
  ).optional(),
  replyMarker: z
    .string()
    .trim()
    .min(3)
    .max(60)
    .regex(/^[^\p{L}\p{N}\s]/u, "must begin with a sign, so that no sentence begins with it by chance")
    .default("[to WhatsApp]")
    .meta({ description: "Notes of staff that begin with these words go to the person; no other note does" }),
  pipeline: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Pipeline of new tickets where the mapping names none, by name or number" }),
  statuses: z
    .record(z.string().regex(/^[\w-]{1,64}$/, "must be the internal id of a status"), z.enum(ticketStatuses))
    .default({ "1": "new", "2": "pending", "3": "open", "4": "solved" })
    .meta({
      description:
        "HubSpot's ticket statuses, by internal id, in our words; others are open or solved, as their pipeline says",
    }),
  priorities: z
    .strictObject({ low: priority, normal: priority, high: priority, urgent: priority })
    .default({ low: "LOW", normal: "MEDIUM", high: "HIGH", urgent: "HIGH" })
    .meta({ description: "What HubSpot calls our priorities; URGENT where your account has it" }),
  fields: z
    .strictObject({
      contact: property.default("deskferry_id"),
      ticket: property.default("deskferry_id"),
      change: property.default("deskferry_change"),
      tags: property.optional(),
      skills: property.optional(),
      firstAnswer: property.optional(),
      solution: property.optional(),
    })
    .prefault({})
    .meta({
      description:
        "Internal names of our properties, and of properties of tickets for what HubSpot's tickets do not have",
    }),
  fileHosts: z
    .array(z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, "must be the name of a host"))
    .default([
      "hubapi.com",
      "hubspot.com",
      "hubspot.net",
      "hubspotusercontent-na1.net",
      "hubspotusercontent-na2.net",
      "hubspotusercontent-eu1.net",
      "hubspotusercontent-ap1.net",
      "amazonaws.com",
    ])
    .meta({ description: "Hosts, and those below them, from which files of replies may be fetched" }),
  maxAttachmentBytes: z
    .int()
    .min(0)
    .max(100 * 1024 * 1024)
    .default(20 * 1024 * 1024)
    .meta({ description: "Largest file that is attached; HubSpot takes 20 MB without a paid subscription" }),
});

export type Settings = z.output<typeof settings>;
