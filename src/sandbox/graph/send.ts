import type { Request } from "express";
import { WINDOW_MS } from "../../domain/window.ts";
import type { Answer } from "../faults.ts";
import { asObject, asText, compact, type Json } from "../read.ts";
import { type CheckedMessage, checkMessage } from "./check-message.ts";
import { type GraphError, toAnswer } from "./graph-error.ts";
import type { SandboxPerson } from "./people.ts";
import type { GraphNumber } from "./settings.ts";
import { reportStatuses } from "./statuses.ts";
import type { GraphWorld } from "./world.ts";

/** `POST /{version}/{phone-number-id}/messages`: accepts or refuses as Meta does; the result comes by webhook. */
export async function handleSend(world: GraphWorld, number: GraphNumber, request: Request): Promise<Answer> {
  const body = asObject(request.body);
  if (body["status"] === "read") return markRead(world, number, body);
  const { templates, media } = world;
  const message = checkMessage(body, { templates, media, phoneNumberId: number.phoneNumberId });
  if ("code" in message) return refuse({ world, number, body }, message);
  const person = world.people.meet(message.to);
  if (!message.template && !isOpen(world, number, person)) {
    const details =
      "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";
    return refuse({ world, number, body, person }, { code: 131047, details });
  }
  const wamid = commit(world, number, { person, message });
  await reportStatuses(world, { number, person, wamid, message }, failureOf(world, message));
  const contact = compact({
    input: message.input,
    wa_id: message.to.phone ? person.phone?.slice(1) : undefined,
    user_id: person.userId,
  });
  return {
    status: 200,
    body: { messaging_product: "whatsapp", contacts: [contact], messages: [{ id: wamid }] },
  };
}

/** A reaction to a message that is not there is accepted first, and fails by status (reaction messages, 2025). */
function failureOf(world: GraphWorld, { reactsTo }: CheckedMessage): GraphError | undefined {
  if (reactsTo === undefined || world.wrote.has(reactsTo)) return undefined;
  return { code: 131009, details: "reaction.message_id is no message of this conversation" };
}

/** The window counts from the message's own time stamp, and from nothing else than a person's message. */
function isOpen(world: GraphWorld, number: GraphNumber, person: SandboxPerson): boolean {
  const last = person.lastMessageAt.get(number.phoneNumberId);
  return last !== undefined && world.clock.now() < last + WINDOW_MS;
}

function commit(
  world: GraphWorld,
  number: GraphNumber,
  send: { person: SandboxPerson; message: CheckedMessage },
): string {
  const { person, message } = send;
  const wamid = world.ids.wamid(person.key, "out");
  const template = message.template && { name: message.template.name, language: message.template.language };
  world.journal.append({
    kind: "send",
    number: number.phoneNumberId,
    person: person.key,
    wamid,
    type: message.type,
    text: message.text,
    ...compact({ template, ...pickSent(message) }),
  });
  return wamid;
}

function pickSent({ media, taps, reactsTo, replyTo, callbackData }: CheckedMessage) {
  return { media, taps, reactsTo, replyTo, callbackData };
}

interface Refusal {
  world: GraphWorld;
  number: GraphNumber;
  body: Json;
  person?: SandboxPerson;
}

function refuse({ world, number, body, person }: Refusal, error: GraphError): Answer {
  world.journal.append({
    kind: "refused",
    number: number.phoneNumberId,
    ...error,
    ...compact({ person: person?.key, callbackData: asText(body["biz_opaque_callback_data"]) }),
  });
  return toAnswer(error);
}

/** Blue ticks for a person's message, and perhaps the sign that an answer is being written. */
function markRead(world: GraphWorld, number: GraphNumber, body: Json): Answer {
  const wamid = asText(body["message_id"]);
  if (!wamid) return toAnswer({ code: 131008, details: "The parameter message_id is required." });
  if (!world.wrote.has(wamid)) {
    return toAnswer({ code: 131009, details: "message_id is no message that a person sent." });
  }
  const typing = body["typing_indicator"];
  if (typing !== undefined && asObject(typing)["type"] !== "text") {
    return toAnswer({ code: 131009, details: "typing_indicator.type must be text." });
  }
  const isTyping = typing !== undefined;
  world.journal.append({ kind: "marked-read", number: number.phoneNumberId, wamid, typing: isTyping });
  return { status: 200, body: { success: true } };
}
