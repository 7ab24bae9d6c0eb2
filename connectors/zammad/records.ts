import {
  type Clock,
  createAnswerReader,
  type HttpAnswer,
  type HttpClient,
  PluginError,
  type PluginLog,
  parseJson,
} from "deskferry/sdk";
import { z } from "zod";
import type { Settings } from "./settings.ts";

export interface ZammadTools {
  http: HttpClient;
  settings: Settings;
  log: PluginLog;
  clock: Clock;
  /** The same words once only: what Zammad cannot keep is so for every ticket. */
  warnOnce(message: string): void;
}

const text = z.string().nullish();
export const id = z.union([z.string().min(1), z.number()]).transform(String);
/** Answers name what belongs to a record, webhooks describe it. */
const named = z
  .union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
  .nullish()
  .catch(undefined);

/** Attributes that administrators added stand among the others. */
export const ticketRecord = z.looseObject({
  id,
  title: text,
  state: named,
  group: named,
  owner_id: id.nullish(),
  updated_by_id: id.nullish(),
  updated_at: z.string(),
  preferences: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
export type TicketRecord = z.output<typeof ticketRecord>;

const author = z.object({ firstname: text, lastname: text });

export const articleRecord = z.object({
  id,
  ticket_id: id,
  type: text,
  sender: text,
  internal: z.boolean().nullish(),
  body: text,
  content_type: text,
  message_id: text,
  created_by_id: id,
  /** A login in answers, a person in webhooks. */
  created_by: author.nullish().catch(undefined),
  created_at: z.string(),
  updated_at: text,
  attachments: z.array(z.object({ id, filename: text })).nullish(),
});
export type ArticleRecord = z.output<typeof articleRecord>;

/** What happened to a ticket, oldest first. */
export const historyRecord = z.object({
  history: z.array(
    z.object({
      id: z.int(),
      o_id: id,
      object: z.string(),
      type: z.string(),
      attribute: text,
      value_from: text,
      value_to: text,
      created_by_id: id,
      created_at: z.string(),
    }),
  ),
});
export type HistoryEntry = z.output<typeof historyRecord>["history"][number];

export const userRecord = z.looseObject({
  id,
  login: z.string(),
  firstname: text,
  lastname: text,
  mobile: text,
});
export type UserRecord = z.output<typeof userRecord>;

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("Zammad");

/** Zammad's own words of a refusal: to be compared, never repeated, as they may quote a person's data. */
export function refusalIn({ text: body }: HttpAnswer): string {
  return z.object({ error: z.string() }).safeParse(parseJson(body)).data?.error ?? "";
}

/** A 422, with the name of the field where Zammad tells it and it is one of ours. */
export function refused(answer: HttpAnswer, what: string, sent: string[]): PluginError {
  const words = refusalIn(answer);
  const name = sent.find((each) => words.includes(`'${each}'`) || words.includes(`'${each}_id'`));
  const about = /Missing required value for field '([a-z0-9_]{1,60})'/.exec(words)?.[1];
  const reason = name ? ` because of ${name}` : about ? `: it wants the attribute ${about}` : "";
  const operatorMessage = `${what}: Zammad refused it with 422${reason}`;
  return new PluginError({ kind: "rejected", code: 422, operatorMessage });
}

/** Zammad leaves out what it has no attribute for, without an error; its answer shows it. */
export function warnOfLost(
  kind: "tickets" | "users",
  sent: Record<string, unknown>,
  made: Record<string, unknown>,
  { warnOnce }: ZammadTools,
): void {
  for (const name of Object.keys(sent))
    if (!(name in made)) warnOnce(`Zammad's ${kind} have no attribute ${name}, so that it is lost`);
}
