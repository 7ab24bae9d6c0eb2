import { secret, serverUrl, type TicketStatus, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

/** Names stand inside `CF.{…}` of RT's query language, where these characters end them. */
const fieldName = z
  .string()
  .regex(/^(?!\d+$)[^{}'"\\.]{1,200}$/, "must be the name of a custom field, without { } ' \" \\ .");

const priority = z.number().int().min(0).max(1000);

const statusesByDefault: Record<string, TicketStatus> = {
  new: "new",
  open: "open",
  stalled: "pending",
  resolved: "solved",
  rejected: "closed",
  deleted: "closed",
};

export const settings = z.strictObject({
  url: serverUrl("Address of Request Tracker as staff open it, e.g. https://rt.example.org"),
  token: secret("Authentication token of the account that Deskferry uses"),
  username: z
    .string()
    .min(1)
    .meta({ description: "Name of that account; what it does is recognised as our own doing" }),
  queue: z.string().min(1).meta({ description: "Queue for new tickets where the mapping names none" }),
  webhookSecret: z
    .union([secret("One secret"), z.array(secret("One of several")).min(1)])
    .optional()
    .meta({
      description: "The secret in RT_SiteConfig, or several while it is being changed; without it we poll",
    }),
  fields: z
    .strictObject({
      ticket: fieldName.default("DeskferryTicket"),
      message: fieldName.default("DeskferryMessage"),
      phone: fieldName.default("DeskferryPhone"),
      userId: fieldName.default("DeskferryUserId"),
      tags: fieldName
        .optional()
        .meta({ description: "Custom field of tickets for tags; RT has none itself" }),
      skills: fieldName
        .optional()
        .meta({ description: "Custom field of tickets for skills; RT has none itself" }),
      firstAnswer: fieldName.optional().meta({
        description:
          "Custom field of tickets for the time until which to answer; RT has Due for the solution",
      }),
    })
    .prefault({})
    .meta({ description: "Names of our custom fields, where they are not those of initialdata" }),
  statuses: z
    .record(z.string(), z.enum(ticketStatuses))
    .default(statusesByDefault)
    .meta({ description: "RT's statuses in our words; the first one with a word is also used for writing" }),
  priorities: z
    .strictObject({
      low: priority.default(0),
      normal: priority.default(50),
      high: priority.default(100),
      urgent: priority.default(150),
    })
    .prefault({})
    .meta({ description: "Our priorities as RT's numbers" }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .default(50 * 1024 * 1024)
    .meta({ description: "Largest file that is attached; RT reads a file into memory" }),
});

export type Settings = z.output<typeof settings>;
