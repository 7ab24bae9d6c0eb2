import type { ConversationKey } from "../domain/conversation.ts";
import { costWord } from "../domain/cost.ts";
import type { CommentAdded } from "../domain/event.ts";
import { asFailure, GiveUp } from "../domain/failure.ts";
import { cleanFileName } from "../domain/file-name.ts";
import { eventKey } from "../domain/trace.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { lookBack } from "./collect-facts.ts";
import { decide } from "./decide.ts";
import { dropFile, fetchFile, NOT_FETCHED } from "./fetch-file.ts";
import { markReadOnReply } from "./mark-read-on-reply.ts";
import type { Verdict } from "./plan/facts.ts";
import { problemOf } from "./problem.ts";
import { intentOf, sendOnce } from "./send-once.ts";
import type { OutboundTools } from "./tools.ts";

/** After this many failed tries to fetch it, a file no longer holds up what comes after. About a minute. */
const PATIENCE = 6;
const CLOSED = "the 24 hour window has closed";

/** The files of one reply on their way. `done` is what earlier tries of the event have noted. */
interface Reply {
  event: CommentAdded;
  key: ConversationKey;
  done: Record<string, string>;
  verdict: Verdict;
}

/** Why a file stays; `all`: so do those after it. */
interface Stayed {
  reason: string;
  all?: boolean;
}

/**
 * Sends the files of a public reply, in order and each once, after its text. What cannot be sent stays in the helpdesk,
 * and a note names it with the reason; the others go out all the same. Passing trouble is thrown, to be tried again.
 */
export async function sendFiles(
  event: CommentAdded,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  if (event.attachments.length === 0) return;
  const known = await lookBack(event, key, tools);
  const wanted = { kind: "file", canFetch: tools.connector.fetchAttachment !== undefined } as const;
  const verdict = await decide(wanted, known, key, tools);
  const done = await tools.store.steps.done(key.channel, event.id);
  const reply: Reply = { event, key, done, verdict };
  // A reply with words has set them already.
  if ("cost" in verdict && event.body.trim() === "") await markReadOnReply(event, key, tools);
  for (const [index, { name }] of event.attachments.entries()) {
    if (done[stepOf(index)]) continue;
    const stayed = await sendFile(index, reply, tools);
    if (!stayed) continue;
    const names = stayed.all ? event.attachments.slice(index).map((file) => file.name) : [name];
    await stay(stayed.reason, { from: index, names }, reply, tools);
    if (stayed.all) return;
  }
}

function stepOf(index: number): `file-${number}` {
  return `file-${index}`;
}

/** Undefined once it is sent. What an earlier try began is brought to its end, whatever stands in the way by now. */
async function sendFile(index: number, reply: Reply, tools: OutboundTools): Promise<Stayed | undefined> {
  const { event, key, verdict } = reply;
  const id = eventKey(event.id);
  const intent = intentOf(id, stepOf(index));
  try {
    const known = await tools.store.outbounds.get(key.channel, intent);
    if (known?.messageId) return undefined;
    const { reason } = verdict;
    if (!("cost" in verdict) && !known) return { reason, all: true };
    const prepare = () => fetchPatiently(index, reply, tools);
    const decided = "cost" in verdict ? { decided: { reason, cost: verdict.cost } } : {};
    await sendOnce({ intent, conversation: key, outbound: { kind: "media", prepare }, ...decided }, tools);
    const cost = "cost" in verdict ? { cost: costWord(verdict.cost) } : {};
    const detail = { kind: "media", file: String(index + 1), reason, ...cost };
    tools.trace({ event: id, ...key, step: "sent", detail });
    return undefined;
  } catch (error) {
    const failure = asFailure(error);
    if (!failure || failure.retryable) throw error;
    if (failure.kind === "window_closed") return { reason: CLOSED, all: true };
    const { says, action } = problemOf(failure);
    return { reason: says, all: action === "mark_person" };
  } finally {
    await dropFile(intent, tools);
  }
}

async function fetchPatiently(index: number, { event, key, done }: Reply, tools: OutboundTools) {
  const file = { id: "", name: "", ...event.attachments[index], ticketId: event.ticket.id };
  try {
    return await fetchFile(file, intentOf(eventKey(event.id), stepOf(index)), tools);
  } catch (error) {
    if (error instanceof GiveUp) throw error;
    const step = `${stepOf(index)}-tries`;
    const tries = Number(done[step] ?? 0) + 1;
    if (tries >= PATIENCE) throw new GiveUp("file_stays", NOT_FETCHED);
    await tools.store.steps.remember(key.channel, event.id, { [step]: String(tries) });
    throw error;
  }
}

/** Told before it is noted as done: a crash in between tells it again, under the same id. */
async function stay(
  reason: string,
  { from, names }: { from: number; names: string[] },
  { event, key }: Reply,
  tools: OutboundTools,
): Promise<void> {
  const list = names.map((name) => cleanFileName(name) || "file").join("”, “");
  await tools.requestNote(key, {
    type: "note.requested",
    id: `${stepOf(from)}/${event.id}`,
    at: new Date(tools.clock.now()).toISOString(),
    text:
      names.length === 1
        ? `The file “${list}” of the reply above was not sent to WhatsApp: ${reason}.`
        : `The files “${list}” of the reply above were not sent to WhatsApp: ${reason}.`,
  });
  crashPoint("file.told");
  const steps = Object.fromEntries(names.map((_, offset) => [stepOf(from + offset), "stayed"]));
  await tools.store.steps.remember(key.channel, event.id, steps);
  const detail = { reason, file: String(from + 1), count: String(names.length) };
  tools.trace({ event: eventKey(event.id), ...key, step: "dropped", detail });
}
