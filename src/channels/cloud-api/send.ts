import { type Outbound, type OutboundMedia, PluginError, type SendRequest } from "../../sdk/index.ts";
import { asText, objectsOf } from "./fields.ts";
import type { Graph } from "./graph.ts";
import { renderMessage } from "./render.ts";
import { uploadMedia } from "./upload.ts";

/** Where messages and files of one number go: the segments before `messages` and `media`. */
export interface Sender {
  graph: Graph;
  number: string[];
}

/**
 * Hands a message to Meta. A success means accepted; what becomes of it is told by receipts. There is no idempotency
 * key, so after an `ambiguous` error only the receipt with our callback data tells whether a copy went out.
 */
export async function sendMessage(
  { graph, number }: Sender,
  request: SendRequest,
): Promise<{ messageId: string }> {
  const what = "send message";
  // Whatever would be refused is refused before a file travels.
  let json = renderMessage(request);
  const file = fileOf(request.outbound);
  if (file) json = renderMessage(request, await uploadMedia(graph, [...number, "media"], file));
  const answer = await graph.request({ method: "POST", path: [...number, "messages"], json, what });
  const messageId = asText(objectsOf(answer["messages"])[0]?.["id"]);
  if (messageId) return { messageId };
  const operatorMessage = `${what}: Graph accepted it without telling the message's id`;
  throw new PluginError({ kind: "ambiguous", code: "no_message_id", operatorMessage });
}

/** The file of ours that the message brings, if any. */
function fileOf(outbound: Outbound): (OutboundMedia & { source: { path: string } }) | undefined {
  if (outbound.kind !== "media") return undefined;
  const { source } = outbound.media;
  return "path" in source ? { ...outbound.media, source } : undefined;
}

/** Blue ticks for a message and all before it; with `typing`, "typing …" for 25 s at most (whatsapp/typing-indicators). */
export async function markRead(
  { graph, number }: Sender,
  messageId: string,
  { typing = false }: { typing?: boolean } = {},
): Promise<void> {
  const json = {
    messaging_product: "whatsapp",
    status: "read",
    message_id: messageId,
    ...(typing ? { typing_indicator: { type: "text" } } : {}),
  };
  await graph.request({
    method: "POST",
    path: [...number, "messages"],
    json,
    what: "mark message as read",
    // Nobody needs it, and the conversation waits for it.
    timeoutMs: 5000,
  });
}
