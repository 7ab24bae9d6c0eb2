import { CLOCK_DOUBT_MS } from "./window.ts";

/** What sending will cost, as far as the rules tell beforehand: docs/decisions/0017. */
export type Cost =
  | { kind: "free_window" }
  | { kind: "free_entry_point" }
  /** `category`: the provider's word in small letters; `service` is a message that is no template. */
  | { kind: "metered"; category: string };

/** What Meta charges for from a day on, per message delivered. */
interface Tariff {
  /** ISO 8601. */
  from: string;
  isUtilityFreeInWindow: boolean;
  /** Messages that are no templates, free for a business number in a month. */
  freeReplies: number;
}

/** The latest that has begun counts. The second row is known at second hand: docs/decisions/0017. */
const tariffs: readonly Tariff[] = [
  { from: "2025-07-01", isUtilityFreeInWindow: true, freeReplies: Number.POSITIVE_INFINITY },
  { from: "2026-10-01", isUtilityFreeInWindow: false, freeReplies: 1000 },
];

export interface CostFacts {
  /** Milliseconds since 1970. */
  now: number;
  isOpen: boolean;
  /** Until when everything is free because the conversation began with an advertisement; ISO 8601. */
  freeUntil: string | undefined;
  /** Messages that were no templates, of this business number in this month. */
  repliesThisMonth: number;
}

/** Of one message; `template`: its category (undefined: not known), absent for a message that is no template. Pure. */
export function costOf(
  message: { template?: { category: string | undefined }; replies?: number },
  facts: CostFacts,
): Cost {
  const { now, isOpen, freeUntil, repliesThisMonth } = facts;
  if (freeUntil && now < Date.parse(freeUntil) - CLOCK_DOUBT_MS) return { kind: "free_entry_point" };
  const tariff = tariffs.findLast(({ from }) => Date.parse(from) <= now);
  if (!message.template) {
    const count = repliesThisMonth + (message.replies ?? 1);
    return tariff && count > tariff.freeReplies
      ? { kind: "metered", category: "service" }
      : { kind: "free_window" };
  }
  const category = message.template.category?.toLowerCase() ?? "unknown";
  const isFree = category === "utility" && isOpen && tariff?.isUtilityFreeInWindow;
  return isFree ? { kind: "free_window" } : { kind: "metered", category };
}

/** In a word or two, for traces and records: `free_window`, `metered utility`. */
export function costWord(cost: Cost): string {
  return cost.kind === "metered" ? `metered ${cost.category}` : cost.kind;
}

/** For staff. */
export function costInWords(cost: Cost): string {
  if (cost.kind === "free_window") return "free";
  if (cost.kind === "free_entry_point") return "free, because the conversation began with an advertisement";
  if (cost.category === "unknown") return "charged by WhatsApp, in a category that is not known";
  return cost.category === "service"
    ? "charged by WhatsApp, since this month's free messages are used up"
    : `charged by WhatsApp as ${cost.category}`;
}

/** The month in which a message is counted: `2026-11`. Meta does not say by whose clock; this is UTC. */
export function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}
