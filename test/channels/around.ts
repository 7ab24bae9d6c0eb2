import type { Message } from "../../src/domain/message.ts";

/** A message without what every message has: what stands around it. */
export function aroundOf(message: Message): Partial<Message> {
  const { id: _id, sentAt: _at, type: _type, text: _text, content: _content, ...around } = message;
  return around;
}
