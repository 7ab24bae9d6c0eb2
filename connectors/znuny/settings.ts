import { secret, serverUrl, type TicketStatus, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

/** Both go as HTTP headers, which hold no others. */
const PRINTABLE = /^[\x20-\x7e]+$/;

const fieldName = z
  .string()
  .regex(/^[A-Za-z0-9]{1,200}$/, "must be the name of a dynamic field: letters and digits");

const statusesByDefault: Record<string, TicketStatus> = {
  new: "new",
  open: "open",
  "pending reminder": "pending",
  "pending auto close+": "pending",
  "pending auto close-": "pending",
  "closed successful": "solved",
  "closed unsuccessful": "closed",
  merged: "closed",
  removed: "closed",
};

export const settings = z.strictObject({
  url: serverUrl("Address of Znuny up to its script, e.g. https://znuny.example.org/otrs"),
  webservice: z
    .string()
    .regex(/^[\w-]+$/, "must be letters, digits, - and _")
    .default("Deskferry")
    .meta({ description: "Name under which webservice.yml was imported" }),
  username: z.string().regex(PRINTABLE, "must be printable ASCII").meta({
    description: "Login of the agent that Deskferry uses; what it does is recognised as our own doing",
  }),
  password: secret("Password of that agent").regex(PRINTABLE, "must be printable ASCII"),
  queue: z.string().min(1).meta({ description: "Queue for new tickets where the mapping names none" }),
  webhookSecret: z
    .union([secret("One secret"), z.array(secret("One of several")).min(1)])
    .optional()
    .meta({
      description:
        "The secret in Znuny's Deskferry::WebhookSecret, or several while it is being changed; without it we poll",
    }),
  fields: z
    .strictObject({
      tags: fieldName
        .optional()
        .meta({ description: "Dynamic field of tickets for tags; Znuny has none itself" }),
      skills: fieldName
        .optional()
        .meta({ description: "Dynamic field of tickets for skills; Znuny has none itself" }),
      firstAnswer: fieldName
        .optional()
        .meta({ description: "Dynamic field of tickets for the time until which to answer" }),
      solution: fieldName
        .optional()
        .meta({ description: "Dynamic field of tickets for the time until which to solve" }),
    })
    .prefault({})
    .meta({ description: "Dynamic fields of type text for what a web service cannot set in Znuny itself" }),
  statuses: z
    .record(z.string(), z.enum(ticketStatuses))
    .default(statusesByDefault)
    .meta({ description: "Znuny's states in our words; the first one with a word is also used for writing" }),
  pendingHours: z
    .number()
    .int()
    .min(1)
    .max(8760)
    .default(168)
    .meta({ description: "When Znuny is to remind of a ticket that we set to pending" }),
  priorities: z
    .strictObject({
      low: z.string().min(1).default("2 low"),
      normal: z.string().min(1).default("3 normal"),
      high: z.string().min(1).default("4 high"),
      urgent: z.string().min(1).default("5 very high"),
    })
    .prefault({})
    .meta({ description: "Our priorities by Znuny's names; normal is for tickets without one" }),
  emailDomain: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "must be a domain")
    .default("deskferry.invalid")
    .meta({
      description:
        "Domain of the addresses made up for people without one; Znuny asks for an address of every customer user",
    }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .max(64 * 1024 * 1024)
    .default(20 * 1024 * 1024)
    .meta({
      description: "Largest file that is carried either way; it is held in memory whole, on both sides",
    }),
});

export type Settings = z.output<typeof settings>;
