import { secret, serverUrl } from "deskferry/sdk";
import { z } from "zod";

const numericId = (description: string) =>
  z.string().regex(/^\d+$/, "must be the number that Zendesk gave it").meta({ description });

export const settings = z.strictObject({
  url: serverUrl("Address of your Zendesk, e.g. https://acme.zendesk.com"),
  email: z
    .email()
    .meta({ description: "E-mail address of the account that Deskferry uses, an administrator" }),
  token: secret("API token, from Admin Center, Apps and integrations, APIs"),
  accountId: numericId("Number of that account; what it does is recognised as our own doing"),
  webhookSecret: z
    .union([secret("One secret"), z.array(secret("One of several")).min(1)])
    .optional()
    .meta({ description: "Signing secret of the webhook, or several while it changes; without it we poll" }),
  group: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Name or number of the group for new tickets where the mapping names none" }),
  tag: z
    .string()
    .regex(/^[a-z0-9_-]{1,60}$/, "small letters, digits, _ and - only")
    .default("deskferry")
    .meta({ description: "Tag of every ticket that we make; the triggers of setup.md look for it" }),
  fields: z
    .strictObject({
      skills: numericId("Number of a ticket field (text) for skills").optional(),
      firstAnswer: numericId("Number of a ticket field (text) for the time until which to answer").optional(),
      solution: numericId("Number of a ticket field (text) for the time until which to solve").optional(),
    })
    .prefault({})
    .meta({ description: "Ticket fields for what Zendesk's tickets do not have themselves" }),
  fileHosts: z
    .array(z.string().min(1))
    .default(["zdusercontent.com"])
    .meta({ description: "Hosts, their subdomains included, to which Zendesk may send us on for a file" }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .max(50 * 1024 * 1024)
    .default(50 * 1024 * 1024)
    .meta({ description: "Largest file that is attached; Zendesk takes 50 MB" }),
});

export type Settings = z.output<typeof settings>;
