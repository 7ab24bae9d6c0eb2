import { createAnswerReader, type HttpAnswer, PluginError, parseJson } from "deskferry/sdk";
import { z } from "zod";

const text = z.string().nullish();
export const id = z.union([z.int(), z.string().min(1)]).transform(String);

/** As lists of tickets, searches and single answers show it. */
export const ticketRecord = z.object({
  id,
  subject: text,
  status: z.int(),
  group_id: id.nullish(),
  responder_id: id.nullish(),
  created_at: z.string(),
  updated_at: z.string(),
  custom_fields: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((fields) => fields ?? {}),
  /** Only with `include=stats`. */
  stats: z.object({ status_updated_at: text }).nullish(),
});
export type TicketRecord = z.output<typeof ticketRecord>;

export const conversationRecord = z.object({
  id,
  body: text,
  incoming: z.boolean().nullish(),
  private: z.boolean().nullish(),
  user_id: id.nullish(),
  created_at: z.string(),
  attachments: z
    .array(z.object({ id, name: z.string(), content_type: text, attachment_url: text }))
    .nullish()
    .transform((files) => files ?? []),
});
export type ConversationRecord = z.output<typeof conversationRecord>;

export const madeRecord = z.object({ id });
export const ticketList = z.array(ticketRecord);
export const conversationList = z.array(conversationRecord);
export const searchResult = z.object({ results: z.array(ticketRecord) });

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("Freshdesk");

const refusal = z.object({
  errors: z.array(
    z.object({
      field: text,
      code: text,
      additional_info: z.object({ user_id: id.nullish() }).nullish(),
    }),
  ),
});

export interface Refusal {
  field: string;
  code: string;
  /** The record that has the value already, where Freshdesk tells it. */
  holder?: string;
}

/** What a 400 or 409 complains of, by field; nothing of the values, which are personal. */
export function refusalsOf(answer: HttpAnswer): Refusal[] {
  const { data } = refusal.safeParse(parseJson(answer.text));
  return (data?.errors ?? []).map(({ field, code, additional_info: info }) => ({
    field: field ?? "",
    code: code ?? "",
    ...(info?.user_id ? { holder: info.user_id } : {}),
  }));
}

/** A refusal for good that names which of `sent` is at fault. Other words of the answer are not repeated. */
export function refused(answer: HttpAnswer, what: string, sent: string[]): PluginError {
  const faults = refusalsOf(answer).flatMap(({ field, code }) => {
    const name = sent.find((each) => field === each || field.endsWith(`.${each}`));
    return name ? [`${name} (${/^[a-z_]{1,40}$/.test(code) ? code : "refused"})`] : [];
  });
  const reason = faults.length > 0 ? `: ${faults.join(", ")}` : "";
  const operatorMessage = `${what}: Freshdesk refused it${reason}`;
  const kind = answer.status === 409 ? "conflict" : "rejected";
  return new PluginError({ kind, code: answer.status, operatorMessage });
}

/** Freshdesk takes numbers of records as numbers only. */
export function numberOf(given: string): number | string {
  return /^\d{1,15}$/.test(given) ? Number(given) : given;
}
