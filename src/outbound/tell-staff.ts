import type { ConversationKey } from "../domain/conversation.ts";
import { costInWords } from "../domain/cost.ts";
import type { HelpdeskEvent, NoteRequested } from "../domain/event.ts";
import type { Sending } from "./plan/facts.ts";
import type { OutboundTools } from "./tools.ts";

/** Which notes staff get about what was sent; that something was not sent is always told. */
export type SendNotes = "problems" | "templates" | "all";

/** That a message which somebody waits for does not go out, and why. */
export async function tellNotSent(
  reason: string,
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  await write("not-sent", event, `${subjectOf(event)} was not sent to WhatsApp: ${reason}.`, key, tools);
}

/** What went out, why in this form and at what cost, as far as the route's staff want to know. */
export async function tellSent(
  sent: Sending,
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  if (sent.remark) await write("remark", event, sent.remark, key, tools);
  const [first] = sent.send;
  const isTold = tools.sendNotes === "all" || (tools.sendNotes === "templates" && first?.kind === "template");
  if (isTold || sent.instead) await write("sent", event, describe(sent, event), key, tools);
}

const named = { text: "text", media: "a file", interactive: "a question", reaction: "a reaction" } as const;

function describe({ send, reason, cost }: Sending, event: HelpdeskEvent): string {
  const [first] = send;
  const what =
    first?.kind === "template"
      ? `the template ${first.template.name} (${first.template.language})`
      : first && named[first.kind];
  return `${subjectOf(event)} was sent to WhatsApp as ${what}: ${reason}. Cost: ${costInWords(cost)}.`;
}

function subjectOf({ type }: HelpdeskEvent): string {
  return type === "comment.added" ? "The reply above" : "The confirmation of this change";
}

async function write(
  kind: string,
  event: HelpdeskEvent,
  text: string,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const at = new Date(tools.clock.now()).toISOString();
  const note: NoteRequested = { type: "note.requested", id: `${kind}/${event.id}`, at, text };
  await tools.requestNote(key, note);
}
