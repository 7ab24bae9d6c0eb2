import { z } from "zod";
import { interactiveProblems } from "./interactive.ts";
import type { Interactive } from "./outbound.ts";
import { LEGAL_PARAMETER } from "./template-parameter.ts";

/** What mapping files must produce. Unknown keys are errors, so that a typing slip never loses data silently. */

const custom = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .describe("The helpdesk's own fields, by name");

/** Times in the helpdesks' APIs are absolute; one without a zone would mean another moment on each server. */
const moment = z.iso
  .datetime({ offset: true, error: "not a time with zone as ISO 8601 writes it, e.g. 2026-11-23T09:00:00Z" })
  .describe("ISO 8601 with zone");

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
  assignee: z.string().max(200).optional().describe("Login or id of a member of staff"),
  tags: z.array(z.string().min(1).max(100)).max(50).optional(),
  skills: z
    .array(z.string().min(1).max(100))
    .max(20)
    .optional()
    .describe("What whoever takes the ticket must know, e.g. a language"),
  due: z
    .strictObject({ firstAnswer: moment.optional(), solution: moment.optional() })
    .optional()
    .describe("Until when staff mean to answer and to solve"),
  custom: custom.optional(),
});

/** What route.jsonata decides of a ticket; each field that it gives replaces the one of ticket.jsonata. */
export const routeRecord = ticketRecord.pick({
  queue: true,
  priority: true,
  assignee: true,
  tags: true,
  skills: true,
  due: true,
});

/** Characters of a comment. */
export const MOST_OF_BODY = 65_536;

export const commentRecord = z.strictObject({
  body: z.string().min(1).max(MOST_OF_BODY).describe("Plain text"),
  visibility: z.enum(["public", "internal"]).default("public"),
});

const parameter = z
  .string()
  .min(1)
  .max(1024)
  .regex(LEGAL_PARAMETER, "no line breaks, tabs or more than four spaces in a row (WhatsApp refuses them)");

const templateMessage = z.strictObject({
  name: z.string().regex(/^[a-z0-9_]{1,512}$/, "lower-case letters, digits and _ only"),
  language: z.string().min(2).max(15),
  body: z.union([z.array(parameter), z.record(z.string(), parameter)]).optional(),
  header: z.union([parameter, z.record(z.string(), parameter)]).optional(),
  headerMedia: z
    .strictObject({
      type: z.enum(["image", "video", "document"]),
      link: z.url({ protocol: /^https?$/ }),
      fileName: z.string().min(1).max(240).optional(),
    })
    .optional(),
  buttons: z
    .array(
      z.strictObject({
        type: z.enum(["quick_reply", "url", "copy_code", "flow"]),
        index: z.number().int().min(0).max(9),
        value: parameter,
      }),
    )
    .optional(),
});

const words = z.string().min(1);
const headed = { text: words, header: words.optional(), footer: words.optional() };

const interactive = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("buttons"),
      ...headed,
      buttons: z.array(z.strictObject({ id: words, title: words })),
    }),
    z.strictObject({
      type: z.literal("list"),
      ...headed,
      button: words,
      sections: z.array(
        z.strictObject({
          title: words.optional(),
          rows: z.array(z.strictObject({ id: words, title: words, description: words.optional() })),
        }),
      ),
    }),
    z.strictObject({ type: z.literal("link"), ...headed, label: words, url: words }),
    z.strictObject({ type: z.literal("location_request"), text: words }),
    z.strictObject({ type: z.literal("contact_request"), text: words }),
  ])
  .superRefine((value, context) => {
    // The schema's type has undefined where JSON leaves a key out.
    for (const message of interactiveProblems(value as Interactive)) {
      context.addIssue({ code: "custom", message });
    }
  });

// A literal with this flag needs a later target of TypeScript.
const emojiSource = "^\\p{RGI_Emoji}$";
const EMOJI = new RegExp(emojiSource, "v");

const reaction = z
  .string()
  .max(40)
  .refine((text) => EMOJI.test(text) || EMOJI.test(`${text}\uFE0F`), "one emoji and nothing else");

const ways = {
  template: { template: templateMessage },
  text: { text: z.string().min(1) },
  interactive: { interactive },
  reaction: { reaction },
};

const oneWay = z.union([
  z.strictObject(ways.template),
  z.strictObject(ways.text),
  z.strictObject(ways.interactive),
  z.strictObject(ways.reaction),
]);

/** Tried in this order when what it stands beside cannot be sent. */
const fallback = z.union([oneWay, z.array(oneWay).min(1).max(5)]).optional();

/** `null` or nothing: this change sends nothing. */
export const confirmationRecord = z
  .union([
    z.null(),
    z.strictObject({ ...ways.template, fallback }),
    z.strictObject({ ...ways.text, fallback }),
    z.strictObject({ ...ways.interactive, fallback }),
    z.strictObject({ ...ways.reaction, fallback }),
  ])
  .describe("What a ticket change makes us send");

/** One thing that a confirmation can be. */
export type Confirmation = z.infer<typeof oneWay>;

/** A confirmation and its fallbacks, in the order in which they are tried. */
export function alternativesOf(record: NonNullable<ConfirmationRecord>): Confirmation[] {
  const { fallback: others, ...first } = record;
  return [first, ...(others === undefined ? [] : Array.isArray(others) ? others : [others])];
}

export type ContactRecord = z.infer<typeof contactRecord>;
export type TicketRecord = z.infer<typeof ticketRecord>;
export type RouteRecord = z.infer<typeof routeRecord>;
export type CommentRecord = z.infer<typeof commentRecord>;
export type ConfirmationRecord = z.infer<typeof confirmationRecord>;

/** The files of a mapping folder and the record that each must produce. */
export const mappingKinds = ["contact", "ticket", "route", "comment", "confirmation"] as const;
export type MappingKind = (typeof mappingKinds)[number];

/** Files that a folder may leave out: without them nothing is routed or confirmed. */
export const optionalKinds: readonly MappingKind[] = ["route", "confirmation"];
