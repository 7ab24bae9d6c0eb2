import { secret, serverUrl } from "deskferry/sdk";
import { z } from "zod";

const status = z.enum(["new", "open", "pending", "solved", "closed"]);
const fieldName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "must be the technical name of a field, like x_deskferry_id");

export const settings = z.strictObject({
  url: serverUrl("Address of Odoo, e.g. https://acme.odoo.com"),
  apiKey: secret("API key of the account that Deskferry uses, from its preferences, Account Security"),
  database: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Name of the database, where the address alone does not tell which one" }),
  jsonRpc: z
    .strictObject({
      database: z.string().min(1).meta({ description: "Name of the database" }),
      login: z.string().min(1).meta({ description: "Login of the account that the API key belongs to" }),
    })
    .optional()
    .meta({ description: "For Odoo 17 and 18, which lack the JSON-2 interface: JSON-RPC is used instead" }),
  application: z.enum(["helpdesk", "oca-helpdesk", "project"]).meta({
    description:
      "Where tickets live: Odoo's own Helpdesk (Enterprise), the OCA's Helpdesk Management, or tasks of Project",
  }),
  queue: z.string().min(1).meta({
    description: "Name or number of the team or project for new tickets where the mapping names none",
  }),
  fields: z
    .strictObject({
      ticket: fieldName.default("x_deskferry_id").meta({ description: "Field of tickets for our id" }),
      contact: fieldName.default("x_deskferry_id").meta({ description: "Field of contacts for our id" }),
    })
    .prefault({})
    .meta({
      description: "Technical names of the custom fields (kind: text of one line) that setup.md creates",
    }),
  statuses: z
    .record(z.string(), status)
    .default({
      New: "new",
      "In Progress": "open",
      "On Hold": "pending",
      Awaiting: "pending",
      Solved: "solved",
      Done: "solved",
      Cancelled: "closed",
      Canceled: "closed",
      Rejected: "closed",
    })
    .meta({
      description:
        "Names of stages, in `language`, in our words; the first stage with a word is used for writing",
    }),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(_[A-Z]{2}|_419)?(@[a-z]+)?$/, "must be the code of a language in Odoo, like en_US")
    .default("en_US")
    .meta({ description: "Language of names in these settings and in mappings" }),
  company: z
    .number()
    .int()
    .positive()
    .optional()
    .meta({ description: "Number of the company to work in, where the account belongs to several" }),
  matchPhone: z.boolean().default(true).meta({
    description: "Takes the one contact that already has a person's phone number for that person",
  }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .max(64 * 1024 * 1024)
    .default(25 * 1024 * 1024)
    .meta({
      description: "Largest file that is attached; Odoo takes requests of 128 MB, which holds 90 MB of files",
    }),
});

export type Settings = z.output<typeof settings>;
