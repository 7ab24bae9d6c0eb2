import { costOf } from "../../domain/cost.ts";
import { mayBeOpen } from "../../domain/window.ts";
import type { Facts, Verdict } from "./facts.ts";

/**
 * A file of a reply: no template holds one, so it goes out while the window is open, or not at all. That the words went
 * out in time does not help a file that waited. Pure.
 */
export function planFile(canFetch: boolean, facts: Facts): Verdict {
  if (!canFetch) return refusal("Deskferry cannot fetch files from this helpdesk");
  if (!facts.channel.sends?.has("media")) return refusal("this WhatsApp channel takes no files");
  const isOpen = facts.earlier.window !== "closed" && mayBeOpen(facts.lastMessageAt, facts.now);
  if (!isOpen) return refusal("the 24 hour window has closed");
  return {
    send: [],
    reason: "the window is open",
    cost: costOf({}, { ...facts, isOpen: true, freeUntil: facts.freeUntil }),
  };
}

function refusal(reason: string): Verdict {
  return { send: [], reason, tellStaff: true };
}
