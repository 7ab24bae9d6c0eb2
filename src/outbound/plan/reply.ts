import type { TemplateMessage } from "../../domain/outbound.ts";
import { templateParameter } from "../../domain/template-parameter.ts";
import type { Facts, Reply, ReplyTemplate, Verdict } from "./facts.ts";
import { partsOf, planText } from "./free-form.ts";
import { planTemplate } from "./template.ts";
import { isOpen } from "./window.ts";

/** Leaves room for the template's own words below the limit of 1,024 characters. */
const LONGEST_PARAMETER = 900;

const CUT =
  "Only the beginning of the reply above was sent to WhatsApp: the 24 hour window has closed, and a template holds no more.";

/** A public reply of staff: as text while the window is open, in the route's reply template afterwards. Pure. */
export function planReply(reply: Reply, facts: Facts): Verdict {
  if (isOpen(facts)) return planText(reply.text, facts);
  const template = facts.replyTemplate;
  if (!template) {
    const reason = "the 24 hour window has closed and the route has no reply template";
    return { send: [], reason, tellStaff: true };
  }
  // What has gone out as text while that was allowed is not said twice.
  const text = partsOf(reply.text, facts).slice(facts.earlier.parts).join("\n\n");
  const message = fillReplyTemplate({ ...reply, text }, template);
  const verdict = planTemplate(message, "the window has closed", facts);
  if (verdict.send.length === 0 || !("cost" in verdict)) return verdict;
  return template.parameters.includes("text") && isTooLong(text) ? { ...verdict, remark: CUT } : verdict;
}

function isTooLong(text: string): boolean {
  return templateParameter(text, Number.MAX_SAFE_INTEGER).length > LONGEST_PARAMETER;
}

function fillReplyTemplate(reply: Reply, { name, language, parameters }: ReplyTemplate): TemplateMessage {
  const values = { text: reply.text, ticket: reply.ticket, name: reply.name ?? "", agent: reply.agent ?? "" };
  return { name, language, body: parameters.map((key) => templateParameter(values[key], LONGEST_PARAMETER)) };
}
