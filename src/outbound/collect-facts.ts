import type { ConversationKey } from "../domain/conversation.ts";
import { monthOf } from "../domain/cost.ts";
import type { HelpdeskEvent } from "../domain/event.ts";
import { alternativesOf } from "../domain/records.ts";
import type { TemplateInfo } from "../domain/template.ts";
import { eventKey } from "../domain/trace.ts";
import type { OutboundRecord } from "../store/outbounds.ts";
import type { TemplateName } from "../store/stops.ts";
import type { Earlier, Facts, Fate, Wanted } from "./plan/facts.ts";
import { isOpen } from "./plan/window.ts";
import { intentOf } from "./send-once.ts";
import type { OutboundTools } from "./tools.ts";

/** The part of the facts that does not depend on what is wanted. */
export type Known = Pick<Facts, "now" | "earlier" | "lastMessageAt" | "lastMessageId" | "freeUntil">;

/**
 * What is known of the conversation and of earlier tries of the same event. What an earlier try began goes on with the
 * window of that time, whatever the clock says by now: otherwise a text that went out just before a crash would go out
 * again as a template. What a receipt says was refused as text goes out as a template.
 */
export async function lookBack(
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<Known> {
  const known = await read(event, key, tools);
  if (!known.earlier.window) await rememberWindow(isOpen(known) ? "open" : "closed", event, key, tools);
  return known;
}

async function read(event: HelpdeskEvent, key: ConversationKey, tools: OutboundTools): Promise<Known> {
  const { outbounds, people, steps } = tools.store;
  const id = eventKey(event.id);
  const [talk, asTemplate, asText, done] = await Promise.all([
    people.talk(key),
    outbounds.get(key.channel, intentOf(id, "template")),
    outbounds.get(key.channel, intentOf(id, 0)),
    steps.done(key.channel, event.id),
  ]);
  const earlier: Earlier = {
    window: earlierWindow(done, asTemplate !== undefined || asText !== undefined),
    template: fateOf(asTemplate),
    free: fateOf(asText),
    parts: asText?.messageId ? await countSent(event, key, tools) : 0,
  };
  const { lastMessageAt, lastMessageId, freeUntil } = talk;
  return { now: tools.clock.now(), earlier, lastMessageAt, lastMessageId, freeUntil };
}

function earlierWindow(done: Record<string, string>, hasBegun: boolean): Earlier["window"] {
  if (done["text"] === "refused") return "closed";
  if (!done["window"] || !hasBegun) return undefined;
  return done["window"] === "open" ? "open" : "closed";
}

function fateOf(record: OutboundRecord | undefined): Fate | undefined {
  return record && (record.messageId ? "went_out" : "unclear");
}

/** How many texts of an event WhatsApp has taken, counted from the first. */
async function countSent(event: HelpdeskEvent, key: ConversationKey, tools: OutboundTools): Promise<number> {
  const id = eventKey(event.id);
  let count = 0;
  while ((await tools.store.outbounds.get(key.channel, intentOf(id, count)))?.messageId) count++;
  return count;
}

/** Meta has said that the window is closed; its clock decides. */
export async function closeWindow(
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<Known> {
  await rememberWindow("closed", event, key, tools);
  const known = await read(event, key, tools);
  return { ...known, earlier: { ...known.earlier, window: "closed" } };
}

async function rememberWindow(
  window: "open" | "closed",
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  await tools.store.steps.remember(key.channel, event.id, { window });
}

/** Everything that the planner needs to know. */
export async function collectFacts(
  wanted: Wanted,
  known: Known,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<Facts> {
  const { store, channel, replyTemplate, templateLanguages, respectsOptOut } = tools;
  const wishes = wishesOf(wanted, tools);
  const [templates, held, consents, repliesThisMonth] = await Promise.all([
    copyOf(wishes, key, tools),
    store.stops.heldTemplates(key, known.now),
    store.consents.get(key),
    store.outbounds.repliesIn(key.channel, monthOf(known.now)),
  ]);
  const stopped = await store.stops.templates(key.channel, [...wishes, ...(templates ?? [])], known.now);
  return {
    ...known,
    respectsOptOut,
    consents: { all: consents.all?.state, marketing: consents.marketing?.state },
    channel,
    replyTemplate,
    languages: templateLanguages,
    templates,
    stopped,
    held,
    repliesThisMonth,
  };
}

/** Undefined where the channel cannot say what its account has. */
async function copyOf(
  wishes: TemplateName[],
  { channel }: ConversationKey,
  tools: OutboundTools,
): Promise<TemplateInfo[] | undefined> {
  if (!tools.channel.listTemplates || wishes.length === 0) return undefined;
  const names = wishes.map(({ name }) => name);
  return tools.store.templates.versionsOf(channel, names);
}

/** The templates that are asked for by name. */
function wishesOf(wanted: Wanted, { replyTemplate }: OutboundTools): TemplateName[] {
  if (wanted.kind === "file") return [];
  if (wanted.kind === "reply") return replyTemplate ? [replyTemplate] : [];
  const alternatives = wanted.record ? alternativesOf(wanted.record) : [];
  return alternatives.flatMap((one) => ("template" in one ? [one.template] : []));
}
