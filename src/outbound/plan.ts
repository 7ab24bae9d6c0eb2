import type { Outbound, TemplateMessage } from "../domain/outbound.ts";
import type { ConfirmationRecord } from "../domain/records.ts";
import { splitText } from "../domain/split-text.ts";
import { templateParameter } from "../domain/template-parameter.ts";

/** The template that carries a staff reply when the window has closed. */
export interface ReplyTemplate {
  name: string;
  language: string;
  /** What stands in `{{1}}`, `{{2}}` …, in order. */
  parameters: ("text" | "ticket" | "name" | "agent")[];
}

/**
 * What to send, and why; `remark` is for staff, once it has gone out. Or why nothing is sent; `tellStaff`: somebody
 * waits for this message to go out.
 */
export type Plan = (
  | { send: Outbound[]; reason: string; remark?: string }
  | { send: []; reason: string; tellStaff: boolean }
) & {
  /** What else its trace shows: the version of the mapping. */
  detail?: Record<string, string>;
};

/** WhatsApp's limit for the body of a text message. */
const LONGEST_TEXT = 4096;

/** What a route has at hand to say something with. */
export interface Means {
  /** Undefined: nothing can be said outside the window. */
  replyTemplate: ReplyTemplate | undefined;
  channel: { maxTextLength?: number };
}

/** Leaves room for the template's own words below the limit of 1,024 characters. */
const LONGEST_PARAMETER = 900;

export interface Reply {
  text: string;
  ticket: string;
  name: string | undefined;
  agent: string | undefined;
}

/** A public reply of staff: as text while the window is open, in the route's reply template afterwards. */
export function planReply(reply: Reply, isOpen: boolean, means: Means): Plan {
  if (isOpen) return planTexts(partsOf(reply.text, means));
  const template = means.replyTemplate;
  if (!template) {
    const reason = "the 24 hour window has closed and the route has no reply template";
    return { send: [], reason, tellStaff: true };
  }
  const send: Outbound[] = [{ kind: "template", template: fillReplyTemplate(reply, template) }];
  const reason = "the window has closed";
  const isCut = template.parameters.includes("text") && isTooLong(reply.text);
  return isCut ? { send, reason, remark: CUT } : { send, reason };
}

const CUT =
  "Only the beginning of the reply above was sent to WhatsApp: the 24 hour window has closed, and a template holds no more.";

function isTooLong(text: string): boolean {
  return templateParameter(text, Number.MAX_SAFE_INTEGER).length > LONGEST_PARAMETER;
}

/** A text in the messages that it takes. */
export function partsOf(text: string, { channel }: Pick<Means, "channel">): string[] {
  return splitText(text, channel.maxTextLength ?? LONGEST_TEXT);
}

function planTexts(parts: string[]): Plan {
  if (parts.length === 0) return { send: [], reason: "there is no text", tellStaff: false };
  return { send: parts.map((text) => ({ kind: "text", text })), reason: "the window is open" };
}

function fillReplyTemplate(reply: Reply, { name, language, parameters }: ReplyTemplate): TemplateMessage {
  const values = { text: reply.text, ticket: reply.ticket, name: reply.name ?? "", agent: reply.agent ?? "" };
  return { name, language, body: parameters.map((key) => templateParameter(values[key], LONGEST_PARAMETER)) };
}

/** A ticket change: what the mapping asks for, if WhatsApp allows it now. */
export function planConfirmation(
  record: ConfirmationRecord,
  isOpen: boolean,
  means: Pick<Means, "channel">,
): Plan {
  if (record === null)
    return { send: [], reason: "the mapping sends nothing for this change", tellStaff: false };
  if ("template" in record) {
    return {
      send: [{ kind: "template", template: toTemplate(record.template) }],
      reason: "the mapping names a template",
    };
  }
  if (!isOpen) {
    const reason = "the mapping asks for plain text, but the 24 hour window has closed";
    return { send: [], reason, tellStaff: true };
  }
  return planTexts(partsOf(record.text, means));
}

type MappedTemplate = Extract<ConfirmationRecord, { template: unknown }>["template"];

/** The same without the keys that are undefined. */
function toTemplate({ name, language, body, header, buttons }: MappedTemplate): TemplateMessage {
  return {
    name,
    language,
    ...(body ? { body } : {}),
    ...(header ? { header } : {}),
    ...(buttons ? { buttons } : {}),
  };
}
