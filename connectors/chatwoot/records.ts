import { createAnswerReader, type HttpClient, type PluginLog } from "deskferry/sdk";
import { z } from "zod";
import type { Settings } from "./settings.ts";

export interface ChatwootTools {
  http: HttpClient;
  settings: Settings;
  log: PluginLog;
}

/** Our id of a conversation, among its custom attributes. */
export const ID_ATTRIBUTE = "deskferry_id";
/** Conversations have no subject of their own. */
export const SUBJECT_ATTRIBUTE = "deskferry_subject";

export const id = z.union([z.string().min(1), z.number()]).transform(String);
const text = z.string().nullish();

export const contactRecord = z.object({
  id,
  name: text,
  identifier: text,
  phone_number: text,
  custom_attributes: z.record(z.string(), z.unknown()).nullish(),
});

const attachment = z.object({ data_url: text });

/** Numbers in answers, words in webhooks. */
const messageType = z.union([z.enum(["incoming", "outgoing", "activity", "template"]), z.number()]);

export const messageRecord = z.object({
  id: z.number(),
  content: text,
  message_type: messageType,
  /** Seconds since 1970 in answers, ISO 8601 in webhooks. */
  created_at: z.union([z.number(), z.string()]),
  private: z.boolean().nullish(),
  source_id: text,
  sender: z.object({ id: id.nullish(), name: text, type: text }).nullish(),
  attachments: z.array(attachment).nullish(),
});

export type MessageRecord = z.output<typeof messageRecord>;

export const conversationRecord = z.object({
  id,
  status: z.string(),
  custom_attributes: z.record(z.string(), z.unknown()).nullish(),
  last_activity_at: z.number().nullish(),
  messages: z.array(z.object({ id: z.number() })).nullish(),
  meta: z
    .object({ assignee: z.object({ id: id.nullish() }).nullish(), team: z.object({ name: text }).nullish() })
    .nullish(),
});

export type ConversationRecord = z.output<typeof conversationRecord>;

export const messagePage = z.object({ payload: z.array(messageRecord) });

/** The list nests it in `data`, the filter of 4.x does not. */
export const conversationPage = z
  .union([
    z.object({ data: z.object({ payload: z.array(conversationRecord) }) }).transform(({ data }) => data),
    z.object({ payload: z.array(conversationRecord) }),
  ])
  .transform(({ payload }) => payload);

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("Chatwoot");

/** A path below the account. */
export function below({ account }: Settings, ...parts: string[]): string {
  return ["", "api", "v1", "accounts", String(account), ...parts.map(encodeURIComponent)].join("/");
}

/** Where staff see a conversation. */
export function conversationAddress({ url, account }: Settings, conversation: string): string {
  return `${url}/app/accounts/${account}/conversations/${conversation}`;
}
