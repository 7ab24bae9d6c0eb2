import { secret, serverUrl, type TicketStatus, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

/** By name where the field is listed for the project; by id where it is "for all projects", which no list shows. */
const field = z.union([z.string().trim().min(1).max(200), z.number().int().positive()]);

const statusesByDefault: Record<string, TicketStatus> = {
  New: "new",
  "In Progress": "open",
  Feedback: "pending",
  Resolved: "solved",
  Closed: "closed",
  Rejected: "closed",
};

const priority = (name: string) => z.string().min(1).default(name);

export const settings = z.strictObject({
  url: serverUrl("Address of Redmine as staff open it, e.g. https://redmine.example.org"),
  apiKey: secret("API key of the account that Deskferry uses; setup.rb prints it"),
  project: z.string().min(1).meta({
    description:
      "Project for new tickets where the mapping names no queue, by its identifier; project/Category for a category",
  }),
  tracker: z.string().min(1).default("Support").meta({ description: "Tracker of new tickets" }),
  contactProject: z.string().min(1).meta({
    description: "Private project that holds one issue for every person, by its identifier",
  }),
  contactTracker: z.string().min(1).default("Contact").meta({ description: "Tracker of these issues" }),
  fields: z
    .strictObject({
      ticket: field.default("DeskferryTicket"),
      message: field.default("DeskferryMessage"),
      contact: field.default("DeskferryContact"),
      person: field.default("DeskferryPerson"),
      phone: field.default("DeskferryPhone"),
      userId: field.default("DeskferryUserId"),
      tags: field.optional().meta({ description: "Text field of tickets for tags; Redmine has none itself" }),
      skills: field
        .optional()
        .meta({ description: "Text field of tickets for skills; Redmine has none itself" }),
      firstAnswer: field
        .optional()
        .meta({ description: "Text field of tickets for the time until which to answer" }),
      email: field.optional().meta({ description: "Text field of contacts for the e-mail address" }),
      language: field.optional().meta({ description: "Text field of contacts for the language" }),
      organisation: field.optional().meta({ description: "Text field of contacts for the organisation" }),
    })
    .prefault({})
    .meta({ description: "Names or ids of custom fields, where they are not those of setup.rb" }),
  statuses: z.record(z.string(), z.enum(ticketStatuses)).default(statusesByDefault).meta({
    description: "Redmine's statuses in our words; the first one with a word is also used for writing",
  }),
  priorities: z
    .strictObject({
      low: priority("Low"),
      normal: priority("Normal"),
      high: priority("High"),
      urgent: priority("Urgent"),
    })
    .prefault({})
    .meta({ description: "Our priorities as Redmine's names" }),
  staffRoles: z.array(z.string().min(1)).min(1).optional().meta({
    description: "Roles whose public notes go to the person; without it those of every member of the project",
  }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .default(5 * 1024 * 1024)
    .meta({ description: "Largest file that is attached, as Redmine's administration has it" }),
});

export type Settings = z.output<typeof settings>;
export type FieldName = keyof Settings["fields"];
