import {
  type Attachment,
  base64Of,
  cleanText,
  type NewComment,
  type RecordRef,
  transferTimeoutMs,
  uploadName,
  uploadType,
  withEmptyFiles,
} from "deskferry/sdk";
import { z } from "zod";
import { MESSAGE_FIELD, ticketAddress } from "./tickets.ts";
import { call, id, type ZnunyTools } from "./web-service.ts";

const LONGEST_SUBJECT = 80;

const made = z.object({ ArticleID: id, TicketID: id });
const found = z.object({
  Message: z.object({ ArticleID: id, TicketID: id, ExternalID: z.string() }).nullable(),
});

/** An article. The person's own come from a customer; what stays inside is hidden from customers and from us. */
export async function addComment(comment: NewComment, tools: ZnunyTools): Promise<RecordRef> {
  const { attachments, ticketId, externalId } = comment;
  const what = `add ${comment.visibility === "internal" ? "internal comment" : "comment"}`;
  const files = attachments.filter((file) => file.size > 0);
  const body = {
    TicketID: ticketId,
    Article: articleOf(comment),
    DynamicField: [{ Name: MESSAGE_FIELD, Value: externalId }],
    ...(files.length > 0 ? { Attachment: await Promise.all(files.map(encoded)) } : {}),
  };
  const timeoutMs = transferTimeoutMs(files);
  const { ArticleID, TicketID } = await call(
    { operation: "TicketUpdate", body, schema: made, what, timeoutMs },
    tools,
  );
  return { id: ArticleID, address: addressOf(TicketID, ArticleID, tools) };
}

/** Without `From`, which must be an address whose domain Znuny looks up: it shows our account there, and the customer beside. */
function articleOf(comment: NewComment): Record<string, unknown> {
  const { visibility, contactId } = comment;
  const text = cleanText(withEmptyFiles(comment));
  const isOfPerson = visibility === "public" && contactId !== undefined;
  return {
    Subject: subjectOf(text),
    Body: text,
    ContentType: "text/plain; charset=utf8",
    CommunicationChannel: "Internal",
    SenderType: isOfPerson ? "customer" : "agent",
    IsVisibleForCustomer: visibility === "public" ? 1 : 0,
  };
}

/** Znuny's lists of articles show subjects. */
function subjectOf(text: string): string {
  const line = text.trim().split("\n")[0]?.replace(/\s+/g, " ").trim() ?? "";
  const characters = [...line];
  return (
    (characters.length > LONGEST_SUBJECT ? `${characters.slice(0, LONGEST_SUBJECT).join("")}…` : line) ||
    "WhatsApp"
  );
}

async function encoded(file: Attachment) {
  return {
    Filename: uploadName(file.name).trim() || "file",
    ContentType: uploadType(file.mimeType),
    Content: await base64Of(file),
  };
}

function addressOf(ticketId: string, articleId: string, { settings }: ZnunyTools): string {
  return `${ticketAddress(settings, ticketId)};ArticleID=${articleId}`;
}

/** By the add-on: Znuny's own search ignores dynamic fields of articles and returns all tickets. */
export async function findComment(externalId: string, tools: ZnunyTools): Promise<RecordRef | undefined> {
  const { Message } = await call(
    { operation: "MessageFind", body: { ExternalID: externalId }, schema: found, what: "look up comment" },
    tools,
  );
  if (Message?.ExternalID !== externalId) return undefined;
  return { id: Message.ArticleID, address: addressOf(Message.TicketID, Message.ArticleID, tools) };
}
