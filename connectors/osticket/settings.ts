import { secret, serverUrl } from "deskferry/sdk";
import { z } from "zod";

const number = (description: string) => z.number().int().positive().meta({ description });

export const settings = z.strictObject({
  url: serverUrl("Address of osTicket as staff open it, without /scp, e.g. https://support.example.org"),
  apiKey: secret("API key of osTicket for the IP address of Deskferry, with the right to create tickets"),
  emailDomain: z
    .string()
    .regex(/^(?=.{1,190}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, "must be the name of a domain")
    .default("whatsapp.invalid")
    .meta({
      description:
        "osTicket knows people by e-mail address: who has none gets one in this domain, to which nobody must send",
    }),
  topic: number("Number of the help topic of new tickets; osTicket's default if absent").optional(),
  priorities: z
    .strictObject({
      low: number("Number of osTicket's priority").default(1),
      normal: number("Number of osTicket's priority").default(2),
      high: number("Number of osTicket's priority").default(3),
      urgent: number("Number of osTicket's priority").default(4),
    })
    .prefault({})
    .meta({ description: "Our priorities as the numbers of osTicket's" }),
  idField: z
    .string()
    .regex(/^[A-Za-z][\w-]{0,29}$/, "must be the variable of a form field")
    .optional()
    .meta({
      description: "Variable of a field of the ticket form that keeps our id, for staff to search by",
    }),
  alert: z.boolean().default(true).meta({ description: "Whether osTicket alerts staff to new tickets" }),
  onUnclear: z.enum(["hold", "retry"]).default("hold").meta({
    description:
      "After an answer that did not come: hold the message for an operator, or send it again at the risk of a second ticket",
  }),
  maxAttachmentBytes: z
    .number()
    .int()
    .min(0)
    .max(100 * 1024 * 1024)
    .default(8 * 1024 * 1024)
    .meta({
      description: "Largest file that is attached, as the field Message of the ticket form allows it",
    }),
});

export type Settings = z.output<typeof settings>;
