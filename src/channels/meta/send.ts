import { PluginError, type SendRequest } from "../../sdk/index.ts";
import { asText, objectsOf } from "./fields.ts";
import type { Graph } from "./graph.ts";
import { renderMessage } from "./render.ts";

/**
 * Hands a message to Meta. A success means accepted; what becomes of it is told by receipts. There is no idempotency
 * key, so after an `ambiguous` error only the receipt with our callback data tells whether a copy went out.
 */
export async function sendMessage(
  graph: Graph,
  path: string[],
  request: SendRequest,
): Promise<{ messageId: string }> {
  const what = "send message";
  const json = renderMessage(request);
  const answer = await graph.request({ method: "POST", path, json, what });
  const messageId = asText(objectsOf(answer["messages"])[0]?.["id"]);
  if (messageId) return { messageId };
  const operatorMessage = `${what}: Graph accepted it without telling the message's id`;
  throw new PluginError({ kind: "ambiguous", code: "no_message_id", operatorMessage });
}
