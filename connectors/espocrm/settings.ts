import { secret, serverUrl, type TicketStatus, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

/** EspoCRM knows no difference between solved and closed; staff close what they have solved. */
const statusesByDefault: Record<string, TicketStatus> = {
  New: "new",
  Assigned: "open",
  Pending: "pending",
  Closed: "solved",
  Rejected: "closed",
  Duplicate: "closed",
};

const priority = (name: string) => z.string().min(1).default(name);

export const settings = z.strictObject({
  url: serverUrl("Address of EspoCRM as staff open it, e.g. https://crm.example.org"),
  apiKey: secret("API key of the API user that Deskferry uses"),
  idField: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]{0,99}$/, "must be the name of a field in the API, e.g. cDeskferryId")
    .default("cDeskferryId")
    .meta({ description: "Field of cases and of contacts that holds our id, as the API names it" }),
  team: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Team for new cases where the mapping names no queue, by name or id" }),
  statuses: z.record(z.string(), z.enum(ticketStatuses)).default(statusesByDefault).meta({
    description:
      "EspoCRM's statuses of cases in our words; the first one with a word is also used for writing",
  }),
  priorities: z
    .strictObject({
      low: priority("Low"),
      normal: priority("Normal"),
      high: priority("High"),
      urgent: priority("Urgent"),
    })
    .prefault({})
    .meta({ description: "Our priorities as EspoCRM's names" }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .max(100 * 1024 * 1024)
    .default(20 * 1024 * 1024)
    .meta({ description: "Largest file that is attached; PHP on the server must take four thirds of it" }),
});

export type Settings = z.output<typeof settings>;
