import { type Channel, sendAbilities } from "../../sdk/index.ts";
import { mediaLimit } from "./media-limits.ts";
import { markRead, type Sender, sendMessage } from "./send.ts";

/** All that goes out by the Cloud API, whoever stands in front of it. */
export function createSending(
  sender: Sender,
): Required<Pick<Channel, "sends" | "mediaLimit" | "send" | "markRead">> {
  return {
    sends: new Set(sendAbilities),
    mediaLimit,
    send: (request) => sendMessage(sender, request),
    markRead: (messageId, options) => markRead(sender, messageId, options),
  };
}
