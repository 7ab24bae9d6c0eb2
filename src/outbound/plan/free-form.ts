import { costOf } from "../../domain/cost.ts";
import type { Outbound } from "../../domain/outbound.ts";
import { splitText } from "../../domain/split-text.ts";
import type { Facts, Verdict } from "./facts.ts";
import { isOpen } from "./window.ts";

/** WhatsApp's limit for the body of a text message. */
const LONGEST_TEXT = 4096;

type FreeForm = Extract<Outbound, { kind: "interactive" | "reaction" }>;

/** A text in the messages that it takes. */
export function partsOf(text: string, { channel }: Pick<Facts, "channel">): string[] {
  return splitText(text, channel.maxTextLength ?? LONGEST_TEXT);
}

/** A text while the window is open, in as many messages as it takes. Pure. */
export function planText(text: string, facts: Facts): Verdict {
  const parts = partsOf(text, facts);
  if (parts.length === 0) return { send: [], reason: "there is no text", tellStaff: false };
  return sending(
    parts.map((part) => ({ kind: "text", text: part })),
    facts,
  );
}

const named = { interactive: "a question", reaction: "a reaction" } as const;

/** A question or a reaction, while the window is open and where the channel can send it. Pure. */
export function planFreeForm(outbound: FreeForm, facts: Facts): Verdict {
  const name = named[outbound.kind];
  if (!isOpen(facts)) return refusal(`${name} can only be sent within 24 hours of the person's last message`);
  return facts.channel.sends?.has(outbound.kind)
    ? sending([outbound], facts)
    : refusal(`this channel cannot send ${name}`);
}

/** A reaction goes onto the latest message of the person that can have one. */
export function planReaction(emoji: string, facts: Facts): Verdict {
  const { lastMessageId } = facts;
  return lastMessageId === undefined
    ? refusal("there is no message of the person to react to")
    : planFreeForm({ kind: "reaction", messageId: lastMessageId, emoji }, facts);
}

function sending(send: Outbound[], facts: Facts): Verdict {
  const { freeUntil } = facts;
  const cost = costOf({ replies: send.length }, { ...facts, isOpen: true, freeUntil });
  return { send, reason: "the window is open", cost };
}

function refusal(reason: string): Verdict {
  return { send: [], reason, tellStaff: true };
}
