import { chooseTemplate } from "../../domain/choose-template.ts";
import { costOf } from "../../domain/cost.ts";
import type { TemplateMessage } from "../../domain/outbound.ts";
import { LEGAL_PARAMETER, templateParameter } from "../../domain/template-parameter.ts";
import type { Facts, Verdict } from "./facts.ts";
import { isOpen } from "./window.ts";

/** WhatsApp's own limit is that of the whole body. */
const LONGEST_PARAMETER = 1024;

/** Whether the template goes out, in which version and language. Pure. */
export function planTemplate(wish: TemplateMessage, reason: string, facts: Facts): Verdict {
  const message = legal(wish);
  const costs = (category: string | undefined) =>
    costOf({ template: { category } }, { ...facts, isOpen: isOpen(facts), freeUntil: facts.freeUntil });
  // What has begun is not judged again: it has gone out, or its receipt is waited for.
  if (facts.earlier.template) {
    const choice = chooseTemplate(message, facts.templates, { languages: facts.languages, stopped: [] });
    const template = "template" in choice ? choice.template : message;
    return { send: [{ kind: "template", template }], reason, cost: costs(undefined) };
  }
  const choice = chooseTemplate(message, facts.templates, facts);
  if ("says" in choice) {
    // There may be another version by now.
    const byAccount = facts.templates ? { byAccount: true as const } : {};
    return choice.by === "stop"
      ? { send: [], reason: choice.says, tellStaff: true, dead: "template_stopped", ...byAccount }
      : { send: [], reason: choice.says, tellStaff: true, dead: "rejected", byAccount: true };
  }
  if (facts.held !== undefined) {
    const held = `no template goes to this person for a day: ${facts.held}`;
    return { send: [], reason: held, tellStaff: true, dead: "held_back" };
  }
  const { template, category } = choice;
  if (category === "MARKETING" && facts.respectsOptOut && facts.consents.marketing === "stop") {
    const reason = "the person asked for no marketing messages, and the template is one";
    return { send: [], reason, tellStaff: true };
  }
  return {
    send: [{ kind: "template", template }],
    reason:
      template.language === wish.language ? reason : `${reason}, and it is not there in ${wish.language}`,
    cost: costs(category),
  };
}

/** No parameter that WhatsApp would refuse, whoever has filled it in. */
function legal(message: TemplateMessage): TemplateMessage {
  const { header, body } = message;
  return {
    ...message,
    ...(header === undefined ? {} : { header: typeof header === "string" ? tidy(header) : tidyAll(header) }),
    ...(body === undefined ? {} : { body: Array.isArray(body) ? body.map(tidy) : tidyAll(body) }),
  };
}

function tidy(value: string): string {
  const isLegal = value !== "" && value.length <= LONGEST_PARAMETER && LEGAL_PARAMETER.test(value);
  return isLegal ? value : templateParameter(value, LONGEST_PARAMETER);
}

function tidyAll(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tidy(value)]));
}
