import {
  type Attachment,
  cleanText,
  type HttpRequest,
  type NewComment,
  PluginError,
  type RecordRef,
  transferTimeoutMs,
  uploadName,
  uploadType,
  withEmptyFiles,
} from "deskferry/sdk";
import {
  below,
  type ChatwootTools,
  conversationAddress,
  type MessageRecord,
  messagePage,
  messageRecord,
  read,
} from "./records.ts";

const LATEST = 20;
const PAGE = 100;
const MOST_PAGES = 100;

type FormParts = NonNullable<HttpRequest["form"]>;

/** The person's messages are incoming ones, which Chatwoot allows in API inboxes; notes are private outgoing ones. */
export async function addComment(comment: NewComment, tools: ChatwootTools): Promise<RecordRef> {
  const { http, settings } = tools;
  const isInternal = comment.visibility === "internal";
  const what = isInternal ? "add private note" : "add message";
  const files = comment.attachments.filter((file) => file.size > 0);
  const json = {
    content: cleanText(withEmptyFiles(comment)),
    message_type: isInternal || comment.contactId === undefined ? "outgoing" : "incoming",
    private: isInternal,
    source_id: comment.externalId,
  };
  const path = below(settings, "conversations", comment.ticketId, "messages");
  const content =
    files.length === 0 ? { json } : { form: formOf(json, files), timeoutMs: transferTimeoutMs(files) };
  const answer = await http.request({ method: "POST", path, what, ...content });
  const message = read(answer, messageRecord, what);
  if (message.source_id !== undefined && message.source_id !== comment.externalId) {
    const operatorMessage = `${what}: Chatwoot answered with another message than the one it was given`;
    throw new PluginError({ kind: "ambiguous", operatorMessage });
  }
  return { id: String(message.id), address: conversationAddress(settings, comment.ticketId) };
}

function formOf(json: Record<string, unknown>, files: Attachment[]): FormParts {
  const parts: FormParts = Object.entries(json).map(([name, value]) => ({ name, value: String(value) }));
  for (const file of files) {
    const mimeType = uploadType(file.mimeType);
    parts.push({ name: "attachments[]", file: { ...file, name: uploadName(file.name), mimeType } });
  }
  return parts;
}

/** Chatwoot cannot search by source id. What we look for is mostly among the latest; else all are gone through. */
export async function findComment(
  ticketId: string,
  externalId: string,
  tools: ChatwootTools,
): Promise<RecordRef | undefined> {
  const isIt = ({ source_id: source }: MessageRecord) => source === externalId;
  const refOf = ({ id }: MessageRecord) => ({
    id: String(id),
    address: conversationAddress(tools.settings, ticketId),
  });
  const latest = await messagesOf(ticketId, undefined, tools, "look up message");
  const found = latest.find(isIt);
  if (found || latest.length < LATEST) return found && refOf(found);
  let after = 0;
  for (let count = 0; count < MOST_PAGES; count++) {
    const page = await messagesOf(ticketId, after, tools, "look up message");
    const hit = page.find(isIt);
    if (hit || page.length < PAGE) return hit && refOf(hit);
    after = Math.max(...page.map(({ id }) => id));
  }
  return undefined;
}

/** The latest 20, or up to 100 after a message, oldest first. */
export async function messagesOf(
  conversation: string,
  after: number | undefined,
  { http, settings }: ChatwootTools,
  what: string,
): Promise<MessageRecord[]> {
  const path = below(settings, "conversations", conversation, "messages");
  const query = after === undefined ? {} : { after };
  return read(await http.request({ method: "GET", path, query, what }), messagePage, what).payload;
}
