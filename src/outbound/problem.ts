import type { ConversationKey } from "../domain/conversation.ts";
import type { Failure } from "../domain/failure.ts";
import type { SendAction, SendProblem } from "../domain/send-problem.ts";
import type { StoppedBy, TemplateName } from "../store/stops.ts";
import type { OutboundTools } from "./tools.ts";

/** Where a channel gives no more than the kind of its error. */
const byKind: Readonly<Record<string, SendAction>> = {
  auth: "stop_channel",
  config: "stop_channel",
  throttled: "retry",
  unavailable: "retry",
  ambiguous: "await_receipt",
  window_closed: "use_template",
};

/** What a refusal in the provider's answer asks for. */
export function problemOf({ kind, operatorMessage, problem }: Failure): SendProblem {
  return problem ?? { action: byKind[kind] ?? "dead_letter", reason: kind, says: operatorMessage };
}

export interface Refused {
  by: StoppedBy;
  conversation: ConversationKey;
  intent: string;
  /** Of the message, if it was one. */
  template: TemplateName | undefined;
}

/** Counts a refusal and remembers what must not be sent for now. The message itself is its caller's business. */
export async function noteProblem(
  problem: SendProblem,
  refused: Refused,
  tools: OutboundTools,
): Promise<void> {
  const { action, reason, says } = problem;
  const { by, conversation, template } = refused;
  const { channel } = conversation;
  const { stops } = tools.store;
  const now = tools.clock.now();
  tools.metrics.problems.inc({ channel, action, by });
  if (reason === "marketing") await noteMarketingStopped(refused, tools);
  if (action === "wait_a_day") await stops.holdTemplates(conversation, { says, now });
  if (action === "stop_template" && template) await stops.stopTemplate(channel, template, { says, now });
  if (action === "stop_channel" && (await stops.stopChannel(channel, { reason, says, by }, now))) {
    tools.channelIs("stopped", channel, { reason, says });
  }
}

/** WhatsApp knows a choice of the person's whose own webhook we may have missed (error 131050). */
async function noteMarketingStopped({ conversation, intent }: Refused, tools: OutboundTools): Promise<void> {
  const at = new Date(tools.clock.now()).toISOString();
  const consent = { state: "stop", at, evidence: intent, source: "refusal" } as const;
  await tools.store.consents.note(conversation, "marketing", consent);
}
