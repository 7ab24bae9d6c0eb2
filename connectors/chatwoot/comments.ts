import {
  type Attachment,
  type HttpRequest,
  type NewComment,
  PluginError,
  type RecordRef,
} from "deskferry/sdk";
import {
  below,
  type ChatwootTools,
  clean,
  conversationAddress,
  type MessageRecord,
  messagePage,
  messageRecord,
  read,
} from "./records.ts";

const LATEST = 20;
const PAGE = 100;
const MOST_PAGES = 100;
/** Bytes per millisecond below which an upload counts as stuck. */
const SLOWEST_UPLOAD = 250;
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+(;\s*[\w-]+=[\w.-]+)*$/;

type FormParts = NonNullable<HttpRequest["form"]>;

/** The person's messages are incoming ones, which Chatwoot allows in API inboxes; notes are private outgoing ones. */
export async function addComment(comment: NewComment, tools: ChatwootTools): Promise<RecordRef> {
  const { http, settings } = tools;
  const isInternal = comment.visibility === "internal";
  const what = isInternal ? "add private note" : "add message";
  const files = comment.attachments.filter((file) => file.size > 0);
  const json = {
    content: bodyOf(comment),
    message_type: isInternal || comment.contactId === undefined ? "outgoing" : "incoming",
    private: isInternal,
    source_id: comment.externalId,
  };
  const path = below(settings, "conversations", comment.ticketId, "messages");
  const content = files.length === 0 ? { json } : { form: formOf(json, files), timeoutMs: uploadTime(files) };
  const answer = await http.request({ method: "POST", path, what, ...content });
  const message = read(answer, messageRecord, what);
  if (message.source_id !== undefined && message.source_id !== comment.externalId) {
    const operatorMessage = `${what}: Chatwoot answered with another message than the one it was given`;
    throw new PluginError({ kind: "ambiguous", operatorMessage });
  }
  return { id: String(message.id), address: conversationAddress(settings, comment.ticketId) };
}

/** An empty file has nothing to lose but its name. */
function bodyOf({ body, attachments }: NewComment): string {
  const empty = attachments.filter((file) => file.size === 0).map((file) => `(empty file: ${file.name})`);
  return clean([body, ...empty].join("\n"));
}

function formOf(json: Record<string, unknown>, files: Attachment[]): FormParts {
  const parts: FormParts = Object.entries(json).map(([name, value]) => ({ name, value: String(value) }));
  for (const file of files) {
    const mimeType = MIME_TYPE.test(file.mimeType) ? file.mimeType : "application/octet-stream";
    parts.push({ name: "attachments[]", file: { ...file, name: fileName(file.name), mimeType } });
  }
  return parts;
}

/** Characters that end or escape a name in a multipart header, and folders. */
function fileName(name: string): string {
  return clean(name).replace(/["\\/\r\n\t]/g, "_") || "file";
}

function uploadTime(files: Attachment[]): number {
  return 20_000 + Math.ceil(files.reduce((sum, file) => sum + file.size, 0) / SLOWEST_UPLOAD);
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
