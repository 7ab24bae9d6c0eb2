import type { ConversationKey } from "../domain/conversation.ts";
import type { MessageReceived } from "../domain/event.ts";
import type { CommentInput } from "../domain/mapping-input.ts";
import type { CommentRecord } from "../domain/records.ts";
import type { TraceEntry } from "../domain/trace.ts";
import { eventKey } from "../domain/trace.ts";
import type { Attachment } from "../sdk/attachment.ts";
import { type Carried, carryMedia, dropMedia } from "./carry-media.ts";
import type { InboundTools } from "./tools.ts";

/** Notes a step in the message's trace. */
export type Mark = (step: TraceEntry["step"], detail: Record<string, string>) => void;

export interface Said {
  event: MessageReceived;
  key: ConversationKey;
  person: CommentInput["person"];
  /** Failed tries of this event so far. */
  tries: number;
  mark: Mark;
}

/** What comment.jsonata makes of the message. Its file rests on our disk for this try only. */
export async function withComment<T>(
  said: Said,
  tools: InboundTools,
  use: (written: CommentRecord & { attachments: Attachment[] }) => Promise<T>,
): Promise<T> {
  return withMedia(said, tools, async (carried) => {
    if (carried) said.mark("media.fetched", "missing" in carried ? { missing: carried.missing } : {});
    const { record } = await tools.mapper.map(tools.mapping, "comment", inputOf(said, carried));
    const attachments = carried && "attachment" in carried ? [carried.attachment] : [];
    return use({ ...record, attachments });
  });
}

/** Nothing stays on our disk when the event is given up. */
async function withMedia<T>(
  { event, tries }: Said,
  tools: InboundTools,
  use: (carried: Carried | undefined) => Promise<T>,
): Promise<T> {
  const { message } = event;
  if (!message.media) return use(undefined);
  const id = eventKey(event.id);
  try {
    return await use(await carryMedia({ media: message.media, message, id, tries }, tools));
  } finally {
    await dropMedia(id, tools);
  }
}

function inputOf({ event, key, person }: Said, carried: Carried | undefined): CommentInput {
  const input = { channel: key.channel, person, message: event.message };
  if (!carried) return input;
  const { name } = carried;
  return { ...input, attachment: "missing" in carried ? { name, missing: carried.missing } : { name } };
}
