import { cleanFields, cleanText, type NewTicket, oneLine, PluginError, type RecordRef } from "deskferry/sdk";
import type { Directory } from "./directory.ts";
import {
  below,
  type ChatwootTools,
  conversationAddress,
  conversationPage,
  conversationRecord,
  ID_ATTRIBUTE,
  id,
  read,
  SUBJECT_ATTRIBUTE,
} from "./records.ts";

const priorities = { low: "low", normal: "medium", high: "high", urgent: "urgent" } as const;
const made = conversationRecord.partial().extend({ id });

/** A conversation of its own in the API inbox; our id is its source id too, under which Chatwoot keeps one person. */
export async function createTicket(
  request: NewTicket,
  tools: ChatwootTools,
  directory: Directory,
): Promise<RecordRef> {
  const { http, settings, log } = tools;
  const what = "create conversation";
  const { ticket, externalId } = request;
  const assignee = ticket.assignee ? await directory.agentId(ticket.assignee) : undefined;
  if (ticket.assignee && assignee === undefined)
    log.warn("Chatwoot has no agent with the e-mail address or number that the mapping gives as assignee");
  const json = {
    source_id: externalId,
    inbox_id: settings.inbox,
    contact_id: Number(request.contactId),
    status: "open",
    custom_attributes: attributesOf(request),
    ...(assignee === undefined ? {} : { assignee_id: assignee }),
    ...(ticket.queue ? { team_id: await directory.teamId(ticket.queue) } : {}),
    ...(ticket.description ? { message: { content: cleanText(ticket.description), private: true } } : {}),
  };
  const path = below(settings, "conversations");
  const conversation = read(await http.request({ method: "POST", path, json, what }), made, what);
  const ours = conversation.custom_attributes?.[ID_ATTRIBUTE];
  if (ours !== undefined && ours !== externalId) throw isLocked(what);
  await refine(conversation.id, ticket, tools);
  return { id: conversation.id, address: conversationAddress(settings, conversation.id) };
}

function attributesOf({ externalId, ticket }: NewTicket): Record<string, unknown> {
  const custom = Object.entries(cleanFields(ticket.custom)).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(custom),
    [ID_ATTRIBUTE]: externalId,
    [SUBJECT_ATTRIBUTE]: oneLine(ticket.subject),
  };
}

function isLocked(what: string): PluginError {
  const operatorMessage =
    `${what}: Chatwoot gave back another conversation of the person; ` +
    'switch "Lock to single conversation" off in the inbox settings';
  return new PluginError({ kind: "config", operatorMessage });
}

/**
 * Calls of their own. The conversation is there, so that an error now would at best be looked into and found done:
 * what fails is logged.
 */
async function refine(
  conversation: string,
  ticket: NewTicket["ticket"],
  tools: ChatwootTools,
): Promise<void> {
  const { http, settings, log } = tools;
  const post = async (part: string, json: unknown) => {
    const path = below(settings, "conversations", conversation, part);
    await http.request({ method: "POST", path, json, what: `set ${part}` }).catch(() => {
      log.warn("Chatwoot did not take a part of a new conversation", { part, ticket: conversation });
    });
  };
  if (ticket.priority) await post("toggle_priority", { priority: priorities[ticket.priority] });
  if (ticket.tags?.length) await post("labels", { labels: ticket.tags.map(labelOf) });
}

/** Labels are small letters, digits, _ and - in any script, without blanks. */
function labelOf(tag: string): string {
  return cleanText(tag)
    .trim()
    .toLowerCase()
    .replace(/[\s,]+/g, "-");
}

export async function findTicket(
  externalId: string,
  { http, settings }: ChatwootTools,
): Promise<RecordRef | undefined> {
  const what = "look up conversation";
  const filter = { attribute_key: ID_ATTRIBUTE, filter_operator: "equal_to", values: [externalId] };
  const path = below(settings, "conversations", "filter");
  const json = { payload: [{ ...filter, custom_attribute_type: "conversation_attribute" }] };
  const answer = await http.request({ method: "POST", path, json, what, accept: [422] });
  if (answer.status === 422) {
    const operatorMessage = `${what}: Chatwoot refused the filter; make the custom attribute ${ID_ATTRIBUTE} for conversations (see setup.md)`;
    throw new PluginError({ kind: "rejected", code: 422, operatorMessage });
  }
  const found = read(answer, conversationPage, what).find(
    ({ custom_attributes: attributes }) => attributes?.[ID_ATTRIBUTE] === externalId,
  );
  return found && { id: found.id, address: conversationAddress(settings, found.id) };
}
