import { secret, serverUrl, type TicketStatus, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

const numericId = (description: string) =>
  z.string().regex(/^\d+$/, "must be the number that Jira gave it").meta({ description });

const customField = (description: string) =>
  z
    .string()
    .regex(/^customfield_\d+$/, "must be the id of a custom field, e.g. customfield_10050")
    .meta({ description });

/** Of the workflows that Jira makes for new service projects. */
const statusesByDefault: Record<string, TicketStatus> = {
  Open: "new",
  "To Do": "new",
  "Waiting for support": "open",
  "In progress": "open",
  "Work in progress": "open",
  Reopened: "open",
  Escalated: "open",
  "Waiting for customer": "pending",
  Pending: "pending",
  Resolved: "solved",
  Done: "solved",
  Completed: "solved",
  Closed: "closed",
  Canceled: "closed",
  Declined: "closed",
};

const priority = (name: string) => z.string().min(1).default(name);

export const settings = z.strictObject({
  url: serverUrl("Address of your Jira site, e.g. https://acme.atlassian.net"),
  email: z.email().meta({ description: "E-mail address of the account that Deskferry uses" }),
  token: secret("API token of that account, from its Atlassian account settings"),
  accountId: z
    .string()
    .min(1)
    .meta({ description: "Atlassian's id of that account; what it writes is recognised as our own" }),
  serviceDesk: numericId("Number of the service project as a service desk; setup.md tells where it stands"),
  requestType: z
    .string()
    .min(1)
    .meta({ description: "Name or number of the request type of new tickets where the mapping names none" }),
  organization: numericId("Number of the organization that keeps the people of WhatsApp as its properties"),
  fields: z
    .strictObject({
      ticket: customField("Text field for our id of a ticket, by which a repeated create is recognised"),
      person: customField("Text field for the person's name and phone number, for staff to read"),
      skills: customField("Text field for skills; Jira has none itself").optional(),
      firstAnswer: customField("Text field for the time until which to answer").optional(),
    })
    .meta({ description: "Custom fields by their ids" }),
  webhookSecret: z
    .union([secret("One secret"), z.array(secret("One of several")).min(1)])
    .optional()
    .meta({ description: "Secret of the webhook, or several while it changes; without it we poll" }),
  statuses: z.record(z.string(), z.enum(ticketStatuses)).default(statusesByDefault).meta({
    description: "Jira's statuses in our words; of several with one word the first is used for writing",
  }),
  priorities: z
    .strictObject({
      low: priority("Low"),
      normal: priority("Medium"),
      high: priority("High"),
      urgent: priority("Highest"),
    })
    .prefault({})
    .meta({ description: "Our priorities as Jira's names" }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .default(100 * 1024 * 1024)
    .meta({ description: "Largest file that is attached, as Jira's administration has it" }),
});

export type Settings = z.output<typeof settings>;
