import { secret, serverUrl, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";

/** Zammad makes the attributes of its objects columns of its tables, and takes no name that ends in `_id`. */
const attributeName = z
  .string()
  .regex(/^(?!.*_ids?$)[a-z][a-z0-9_]{0,59}$/, "must be the name of an attribute of tickets, e.g. district");

const word = z.string().min(1).max(250);

export const settings = z.strictObject({
  url: serverUrl("Address of Zammad as agents open it, e.g. https://zammad.example.org"),
  token: secret("Access token of the account that Deskferry uses, with ticket.agent and admin.user"),
  account: z
    .string()
    .regex(/^\d+$/, "must be the number that Zammad gave it")
    .meta({ description: "Number of that account; what it does is recognised as our own doing" }),
  webhookSecret: z
    .union([secret("One secret"), z.array(secret("One of several")).min(1)])
    .optional()
    .meta({
      description:
        "HMAC SHA1 signature token of the webhook, or several while it changes; without it we poll",
    }),
  group: word
    .default("Users")
    .meta({ description: "Group for new tickets where the mapping names none, by name or number" }),
  attribute: attributeName
    .default("deskferry_key")
    .meta({ description: "Attribute of tickets (text) that holds our id; see setup.md" }),
  replyTypes: z
    .array(z.enum(["note", "phone", "web"]))
    .min(1)
    .default(["note"])
    .meta({
      description:
        "Types of articles that are replies when an agent makes them public; all others stay inside",
    }),
  statuses: z
    .record(word, z.enum(ticketStatuses))
    .default({
      new: "new",
      open: "open",
      "pending reminder": "pending",
      "pending close": "solved",
      closed: "closed",
      merged: "closed",
    })
    .meta({ description: "Zammad's states in our words; the first with a word is also used for writing" }),
  pendingDays: z.int().min(1).max(365).default(7).meta({
    description: "Days after which Zammad reminds or closes, where we set a state that wants a time",
  }),
  priorities: z
    .strictObject({
      low: word.default("1 low"),
      normal: word.default("2 normal"),
      high: word.default("3 high"),
      urgent: word.default("3 high"),
    })
    .prefault({})
    .meta({ description: "Zammad's priorities for ours, by name" }),
  fields: z
    .strictObject({
      skills: attributeName.optional(),
      firstAnswer: attributeName.optional(),
      solution: attributeName.optional(),
    })
    .prefault({})
    .meta({ description: "Attributes of tickets (text) for what Zammad's tickets do not have themselves" }),
  maxAttachmentBytes: z
    .int()
    .min(0)
    .max(100 * 1024 * 1024)
    .default(30 * 1024 * 1024)
    .meta({
      description: "Largest file that is attached; a third is added on the way, and nginx takes 50 MB",
    }),
});

export type Settings = z.output<typeof settings>;
