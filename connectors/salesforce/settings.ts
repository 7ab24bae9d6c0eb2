import { secret, serverUrl, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

const fieldName = z.string().regex(/^[A-Za-z]\w{0,79}$/, "must be the API name of a field, e.g. Skills__c");
const priority = (value: string) => z.string().min(1).default(value);

export const settings = z.strictObject({
  url: serverUrl("My Domain of your Salesforce, e.g. https://acme.my.salesforce.com"),
  clientId: z.string().min(1).meta({ description: "Consumer key of the external client app" }),
  clientSecret: secret("Consumer secret of the external client app"),
  apiVersion: z
    .string()
    .regex(/^\d{2,3}\.0$/, "must look like 62.0")
    .refine((version) => Number(version) >= 52, "must be 52.0 or later")
    .default("62.0")
    .meta({ description: "Version of the REST API" }),
  queue: z.string().min(1).optional().meta({
    description:
      "Queue for new cases where the mapping names none, by developer name or label; without it assignment rules decide",
  }),
  account: z
    .string()
    .regex(/^001\w{12}(\w{3})?$/, "must be the id of an account, which begins with 001")
    .optional()
    .meta({ description: "Account of new contacts; contacts without one are hidden from most staff" }),
  fields: z
    .strictObject({
      tags: fieldName.optional().meta({ description: "Text field of cases for tags" }),
      skills: fieldName.optional().meta({ description: "Text field of cases for skills" }),
      firstAnswer: fieldName
        .optional()
        .meta({ description: "Date/time field of cases for the time until which to answer" }),
      solution: fieldName
        .optional()
        .meta({ description: "Date/time field of cases for the time until which to solve" }),
    })
    .prefault({})
    .meta({ description: "API names of fields of cases for what Salesforce's cases do not have themselves" }),
  statuses: z
    .record(z.string().min(1), z.enum(ticketStatuses))
    .default({ New: "new", Working: "open", Escalated: "open", Closed: "solved" })
    .meta({
      description: "Values of Case Status in our words; the first one with a word is also used for writing",
    }),
  priorities: z
    .strictObject({
      low: priority("Low"),
      normal: priority("Medium"),
      high: priority("High"),
      urgent: priority("High"),
    })
    .prefault({})
    .meta({ description: "Our priorities as values of Case Priority" }),
  maxAttachmentBytes: z
    .int()
    .min(0)
    .max(2 * 1024 ** 3)
    .default(100 * 1024 * 1024)
    .meta({ description: "Largest file that is attached; Salesforce takes 2 GB" }),
});

export type Settings = z.output<typeof settings>;
