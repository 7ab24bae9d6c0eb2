import { planConfirmation } from "./confirmation.ts";
import type { Facts, Verdict, Wanted } from "./facts.ts";
import { planFile } from "./file.ts";
import { planReply } from "./reply.ts";

const OPTED_OUT = "the person asked for no more messages";
const OPTED_OUT_AND_LATE = "the person asked for no more messages, and the 24 hour window has closed";
const PERHAPS = " (an earlier try may have reached them)";

/**
 * Decides on everything that goes out: what, in which form, why, and at what cost; or why nothing does. Pure: whoever
 * calls it has collected the facts, and carries the verdict out.
 */
export function plan(wanted: Wanted, facts: Facts): Verdict {
  return respectConsent(planWanted(wanted, facts), wanted, facts);
}

function planWanted(wanted: Wanted, facts: Facts): Verdict {
  switch (wanted.kind) {
    case "reply":
      return planReply(wanted.reply, facts);
    case "confirmation":
      return planConfirmation(wanted.record, facts);
    case "file":
      return planFile(wanted.canFetch, facts);
  }
}

/**
 * Who has opted out gets no confirmations, and of replies no template. A reply in free text may go out: the person has
 * written within the last day, and this answers them. What has gone out before is told neither way.
 */
function respectConsent(verdict: Verdict, { kind }: Wanted, facts: Facts): Verdict {
  const [first] = verdict.send;
  if (!facts.respectsOptOut || facts.consents.all !== "stop" || !first) return verdict;
  const isConfirmation = kind === "confirmation";
  if (!isConfirmation && first.kind !== "template") return verdict;
  const { template, free } = facts.earlier;
  const fate = first.kind === "template" ? template : free;
  if (fate === "went_out") return verdict;
  const reason = isConfirmation ? OPTED_OUT : OPTED_OUT_AND_LATE;
  return { send: [], reason: fate ? reason + PERHAPS : reason, tellStaff: true };
}
