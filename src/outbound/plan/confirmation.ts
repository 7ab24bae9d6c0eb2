import type { Interactive, TemplateMessage } from "../../domain/outbound.ts";
import { alternativesOf, type Confirmation, type ConfirmationRecord } from "../../domain/records.ts";
import type { Facts, Refusal, Sending, Verdict } from "./facts.ts";
import { planFreeForm, planReaction, planText } from "./free-form.ts";
import { planTemplate } from "./template.ts";
import { isOpen } from "./window.ts";

/** A ticket change: the first of what the mapping asks for that can go out now. Pure. */
export function planConfirmation(record: ConfirmationRecord, facts: Facts): Verdict {
  if (record === null)
    return { send: [], reason: "the mapping sends nothing for this change", tellStaff: false };
  const refusals: Refusal[] = [];
  for (const one of goingOn(alternativesOf(record), facts)) {
    const verdict = planOne(one, facts);
    if ("cost" in verdict) return asFallback(verdict, refusals);
    refusals.push(verdict);
  }
  return refusalOf(refusals);
}

/**
 * What an earlier try of the same event began goes on: a template stays a template, whatever else is possible by now,
 * or the person would get two messages.
 */
function goingOn(alternatives: Confirmation[], facts: Facts): Confirmation[] {
  const { template, free } = facts.earlier;
  if (template) return alternatives.filter((one) => "template" in one);
  return free && isOpen(facts) ? alternatives.filter((one) => !("template" in one)) : alternatives;
}

function planOne(one: Confirmation, facts: Facts): Verdict {
  if ("template" in one) return planTemplate(toTemplate(one.template), "the mapping names a template", facts);
  if ("text" in one) {
    if (isOpen(facts)) return planText(one.text, facts);
    const reason = "the mapping asks for plain text, but the 24 hour window has closed";
    return { send: [], reason, tellStaff: true };
  }
  return "reaction" in one
    ? planReaction(one.reaction, facts)
    : // The schema's type has undefined where JSON leaves a key out.
      planFreeForm({ kind: "interactive", interactive: one.interactive as Interactive }, facts);
}

/** Staff and operators read what the first choice came to nothing for. */
function asFallback(verdict: Sending, [first]: Refusal[]): Sending {
  if (!first) return verdict;
  return { ...verdict, reason: `the mapping's fallback: ${first.reason}`, instead: first.reason };
}

/** Why nothing of it goes out: the first one's reason, which was meant. */
function refusalOf(refusals: Refusal[]): Refusal {
  const [first] = refusals;
  if (!first) {
    return {
      send: [],
      reason: "an earlier try may have reached the person, and the mapping asks for something else by now",
      tellStaff: true,
    };
  }
  const reason = [...new Set(refusals.map(({ reason }) => reason))].join("; as fallback: ");
  const byAccount = refusals.some((refusal) => refusal.byAccount);
  const dead = refusals.find((refusal) => refusal.dead)?.dead;
  return {
    send: [],
    reason,
    tellStaff: refusals.some((refusal) => refusal.tellStaff),
    ...(dead ? { dead } : {}),
    ...(byAccount ? { byAccount } : {}),
  };
}

type MappedTemplate = Extract<Confirmation, { template: unknown }>["template"];

/** The same without the keys that are undefined. */
function toTemplate({ name, language, body, header, headerMedia, buttons }: MappedTemplate): TemplateMessage {
  return {
    name,
    language,
    ...(body ? { body } : {}),
    ...(header ? { header } : {}),
    ...(headerMedia ? { headerMedia: toHeaderMedia(headerMedia) } : {}),
    ...(buttons ? { buttons } : {}),
  };
}

function toHeaderMedia({ type, link, fileName }: NonNullable<MappedTemplate["headerMedia"]>) {
  return { type, link, ...(fileName ? { fileName } : {}) };
}
