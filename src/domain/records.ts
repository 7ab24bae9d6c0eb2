import { z } from "zod";

/** What mapping files must produce. Unknown keys are errors, so that a typing slip never loses data silently. */

const custom = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .describe("The helpdesk's own fields, by name");

export const contactRecord = z.strictObject({
  name: z.string().trim().min(1).max(200).describe("Name shown in the helpdesk"),
  phone: z.string().max(40).optional().describe("E.164 with +"),
  email: z.string().max(254).optional(),
  language: z.string().max(35).optional().describe("BCP 47, e.g. en or pt-BR"),
  organisation: z.string().max(200).optional(),
  custom: custom.optional(),
});

export const ticketRecord = z.strictObject({
  subject: z.string().trim().min(1).max(200),
  description: z.string().max(65_536).optional(),
  queue: z
    .string()
    .max(200)
    .optional()
    .describe("Queue, group, project or inbox; the connection's default if absent"),
  priority: z.enum(["low", "normal", "high", "urgent"]).optional(),
  assignee: z.string().max(200).optional(),
  tags: z.array(z.string().min(1).max(100)).max(50).optional(),
  custom: custom.optional(),
});

export const commentRecord = z.strictObject({
  body: z.string().min(1).max(65_536).describe("Plain text"),
  visibility: z.enum(["public", "internal"]).default("public"),
});

const parameter = z
  .string()
  .min(1)
  .max(1024)
  .regex(
    /^(?!.*[\n\t])(?!.* {5})/s,
    "no line breaks, tabs or more than four spaces in a row (WhatsApp refuses them)",
  );

const templateMessage = z.strictObject({
  name: z.string().regex(/^[a-z0-9_]{1,512}$/, "lower-case letters, digits and _ only"),
  language: z.string().min(2).max(15),
  body: z.union([z.array(parameter), z.record(z.string(), parameter)]).optional(),
  header: z.union([parameter, z.record(z.string(), parameter)]).optional(),
  buttons: z
    .array(
      z.strictObject({
        type: z.enum(["quick_reply", "url"]),
        index: z.number().int().min(0).max(9),
        value: parameter,
      }),
    )
    .optional(),
});

/** `null` or nothing: this change sends nothing. */
export const confirmationRecord = z
  .union([
    z.null(),
    z.strictObject({ template: templateMessage }),
    z.strictObject({ text: z.string().min(1) }),
  ])
  .describe("What a ticket change makes us send");

export type ContactRecord = z.infer<typeof contactRecord>;
export type TicketRecord = z.infer<typeof ticketRecord>;
export type CommentRecord = z.infer<typeof commentRecord>;
export type ConfirmationRecord = z.infer<typeof confirmationRecord>;

/** The files of a mapping folder and the record that each must produce. */
export const mappingKinds = ["contact", "ticket", "comment", "confirmation"] as const;
export type MappingKind = (typeof mappingKinds)[number];
