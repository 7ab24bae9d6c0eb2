import { secret, serverUrl } from "deskferry/sdk";
import { z } from "zod";

const numericId = (description: string) => z.number().int().positive().meta({ description });

export const settings = z.strictObject({
  url: serverUrl("Address of Chatwoot, e.g. https://app.chatwoot.com"),
  token: secret("Access token of the account that Deskferry uses, from its profile settings"),
  account: numericId("Number of the Chatwoot account, as in /app/accounts/3"),
  user: numericId("Number of the user that the token belongs to; its messages are recognised as our own"),
  inbox: numericId("Number of the API inbox for conversations from WhatsApp"),
  webhookSecret: z
    .union([secret("One secret"), z.array(secret("One of several")).min(1)])
    .optional()
    .meta({
      description:
        "Secret of the webhook, or several while it changes; leave it out for versions that do not sign, we poll then",
    }),
  fileHosts: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: "Hosts, their subdomains included, to which Chatwoot sends us on for a file" }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .default(40 * 1024 * 1024)
    .meta({ description: "Largest file that is attached; Chatwoot takes 40 MB unless told otherwise" }),
});

export type Settings = z.output<typeof settings>;
