import type { ConversationKey } from "../domain/conversation.ts";
import type { MessageReceived, Messages } from "../domain/event.ts";
import { GiveUp } from "../domain/failure.ts";
import type { CommentInput } from "../domain/mapping-input.ts";
import { type CommentRecord, MOST_OF_BODY } from "../domain/records.ts";
import type { TraceEntry } from "../domain/trace.ts";
import type { Attachment } from "../sdk/attachment.ts";
import { type CarriedMessage, withMedia } from "./carry-media.ts";
import type { InboundTools } from "./tools.ts";

/** Notes a step in the trace of each message, or of one of them. */
export type Mark = (step: TraceEntry["step"], detail: Record<string, string>, only?: MessageReceived) => void;

export interface Said {
  messages: Messages;
  key: ConversationKey;
  person: CommentInput["person"];
  /** Failed tries so far. */
  tries: number;
  mark: Mark;
}

export type Written = CommentRecord & { attachments: Attachment[] };

/** What comment.jsonata makes of the messages, one after the other. Their files rest on our disk for this try only. */
export async function withComment<T>(
  said: Said,
  tools: InboundTools,
  use: (written: Written) => Promise<T>,
): Promise<T> {
  return withMedia(said, tools, async (messages) => {
    const records: CommentRecord[] = [];
    for (const message of messages) {
      const { event, carried } = message;
      if (carried)
        said.mark("media.fetched", "missing" in carried ? { missing: carried.missing } : {}, event);
      records.push((await tools.mapper.map(tools.mapping, "comment", inputOf(message, said))).record);
    }
    const attachments = messages.flatMap(({ carried }) =>
      carried && "attachment" in carried ? [carried.attachment] : [],
    );
    return use({ ...join(records, attachments, tools), attachments });
  });
}

/** Gives up when one comment cannot hold what several messages became: they then go on one by one. */
function join(
  records: readonly CommentRecord[],
  attachments: readonly Attachment[],
  { connector }: InboundTools,
): CommentRecord {
  const [first, ...others] = records;
  if (!first) throw new Error("a comment is made of at least one message");
  if (others.length === 0) return first;
  if (others.some(({ visibility }) => visibility !== first.visibility)) {
    throw new GiveUp("not_together", "some of the messages became internal comments and others public ones");
  }
  const body = records.map((record) => record.body).join("\n\n");
  if (body.length > MOST_OF_BODY)
    throw new GiveUp("not_together", "the messages are too long for one comment");
  // What a helpdesk takes in one request is told for one file; it is safe for all of them, too.
  const bytes = attachments.reduce((sum, { size }) => sum + size, 0);
  if (bytes > connector.capabilities.maxAttachmentBytes) {
    throw new GiveUp("not_together", "the files of the messages are too large for one comment");
  }
  return { ...first, body };
}

function inputOf({ event, carried }: CarriedMessage, { key, person }: Said): CommentInput {
  const input = { channel: key.channel, person, message: event.message };
  if (!carried) return input;
  const { name } = carried;
  return { ...input, attachment: "missing" in carried ? { name, missing: carried.missing } : { name } };
}
