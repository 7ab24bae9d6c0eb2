import { createAnswerReader, type HttpAnswer, parseJson, type TicketStatus } from "deskferry/sdk";
import { z } from "zod";

/** Numbers in the API's answers, texts in what triggers send. */
export const id = z.union([z.string().min(1), z.number()]).transform(String);
const text = z.string().nullish();

export const toStatus: Record<string, TicketStatus> = {
  new: "new",
  open: "open",
  pending: "pending",
  hold: "pending",
  solved: "solved",
  closed: "closed",
};

export const userRecord = z.object({
  /** Null for "Anonymous user", whom `users/me` shows to those who are not logged in. */
  id: id.nullable(),
  name: text,
  role: text,
  external_id: text,
});

export const ticketRecord = z.object({
  id,
  external_id: text,
  subject: text,
  status: z.string(),
  assignee_id: id.nullish(),
  group_id: id.nullish(),
  custom_fields: z.array(z.object({ id })).nullish(),
});

export type TicketRecord = z.output<typeof ticketRecord>;

const attachment = z.object({ file_name: text, content_url: text });

/** One event within an audit. */
export const auditRecord = z.object({
  id,
  events: z.array(z.object({ id, type: z.string() })).default([]),
  metadata: z.object({ custom: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/** What happened to a ticket at once, as the incremental export shows it. */
export const ticketEvent = z.object({
  id,
  ticket_id: id,
  /** Seconds since 1970. */
  timestamp: z.number(),
  updater_id: id.nullish(),
  child_events: z
    .array(
      z.object({
        id: id.nullish(),
        event_type: text,
        status: z.unknown().optional(),
        previous_value: z.unknown().optional(),
        author_id: id.nullish(),
        body: text,
        plain_body: text,
        public: z.boolean().nullish(),
        attachments: z.array(attachment).nullish(),
      }),
    )
    .nullish()
    .transform((events) => events ?? []),
});

export type FoundEvent = z.output<typeof ticketEvent>;
export type FoundChild = FoundEvent["child_events"][number];

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("Zendesk");

const refused = z.object({
  error: z.unknown().optional(),
  details: z.record(z.string(), z.unknown()).nullish(),
});

/** What a refusal names: Zendesk's own word for it, and the fields at fault. No values, they may be personal. */
export function refusalOf(answer: HttpAnswer): { error: string; fields: string[]; text: string } {
  const { data } = refused.safeParse(parseJson(answer.text));
  const fields = Object.keys(data?.details ?? {}).filter((name) => /^[a-z_]{1,40}$/.test(name));
  return { error: typeof data?.error === "string" ? data.error : "", fields, text: answer.text };
}

/** Zendesk's own number of a record, as its JSON wants it. */
export function numberOf(given: string): number | string {
  return /^\d{1,15}$/.test(given) ? Number(given) : given;
}
