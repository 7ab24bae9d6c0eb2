import { secret, serverUrl, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

/** Freshdesk gives the fields that are made in its pages names like this one. */
const fieldName = z
  .string()
  .regex(/^[a-z0-9_]{1,100}$/, "must be the name of a field in the API, e.g. cf_district");

export const settings = z.strictObject({
  url: serverUrl(
    "Address of Freshdesk itself, e.g. https://acme.freshdesk.com; a domain of your own does not do",
  ),
  apiKey: secret("API key of the agent that Deskferry uses"),
  group: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Group for new tickets where the mapping names none, by name or number" }),
  fields: z
    .strictObject({
      ticket: fieldName.default("cf_deskferry_ticket"),
      change: fieldName.default("cf_deskferry_change"),
      skills: fieldName.optional().meta({
        description: "Single-line field of tickets for skills; Freshdesk's own are not told to others",
      }),
    })
    .prefault({})
    .meta({ description: "Names of our ticket fields, where they are not those of setup.md" }),
  statuses: z
    .record(z.string().regex(/^\d{1,4}$/, "must be the number of a status"), z.enum(ticketStatuses))
    .default({ "2": "open", "3": "pending", "4": "solved", "5": "closed", "6": "pending", "7": "open" })
    .meta({
      description:
        "Freshdesk's statuses, by number, in our words; the lowest number with a word is also used for writing",
    }),
  source: z
    .int()
    .min(1)
    .default(7)
    .meta({ description: "Number of the source that new tickets show; 7 is Chat" }),
  contactLanguage: z.boolean().default(false).meta({
    description:
      "Whether contacts are given a language, which Freshdesk refuses without its feature for several",
  }),
  fileHosts: z
    .array(z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, "must be the name of a host"))
    .default(["freshdesk.com", "amazonaws.com"])
    .meta({ description: "Hosts, and those below them, from which files of replies may be fetched" }),
  maxAttachmentBytes: z
    .int()
    .min(0)
    .max(20 * 1024 * 1024)
    .default(20 * 1024 * 1024)
    .meta({
      description: "Largest file that is attached; Freshdesk takes 20 MB for all files of a ticket together",
    }),
});

export type Settings = z.output<typeof settings>;
