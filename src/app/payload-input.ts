import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { channelTypes } from "../channels/registry.ts";
import type { MessageReceived } from "../domain/event.ts";
import type { CommentInput } from "../domain/mapping-input.ts";
import type { MappingKind } from "../domain/records.ts";
import { fileNameOf } from "../inbound/file-name.ts";
import type { ReadPayload } from "../mapping/test-runner.ts";

/**
 * The input that a mapping sees of a message in a recorded webhook body: read by the channel type's own parser, put
 * together as in production. Throws with a remedy.
 */
export const readPayloadInput: ReadPayload = async (
  { file, message, channelType, channel },
  { folder, kind },
) => {
  const definition = Object.hasOwn(channelTypes, channelType) ? channelTypes[channelType] : undefined;
  if (!definition) {
    throw new Error(
      `there is no channel type "${channelType}". Known are: ${Object.keys(channelTypes).join(", ")}`,
    );
  }
  const body = await readFile(join(folder, file)).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${file} cannot be read (${error.code ?? error.name}). Its path is relative to the mapping`,
    );
  });
  const { events } = definition.parse(body);
  const messages = events.filter((event) => event.type === "message.received");
  const event = messages[message];
  if (!event) {
    throw new Error(`${file} holds ${messages.length} messages, and none at place ${message}. Count from 0`);
  }
  return inputOf(event, kind, channel);
};

/** What a mapping file of this kind gets of a message on this channel. */
export function inputOf(
  { person, message }: Pick<MessageReceived, "person" | "message">,
  kind: MappingKind,
  channel: string,
): CommentInput {
  const input: CommentInput = { channel, person, message };
  // Only the comment is made when the file has been fetched.
  if (kind !== "comment" || !message.media) return input;
  return { ...input, attachment: { name: fileNameOf(message.media, message) } };
}
