import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { MessageReceived } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import type { MediaRef, Message } from "../domain/message.ts";
import { eventKey } from "../domain/trace.ts";
import type { Attachment } from "../sdk/attachment.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { fileNameOf, trueName } from "./file-name.ts";
import { type FetchedFile, inspectFile } from "./inspect-file.ts";
import { ScannerAway } from "./scan-file.ts";
import type { InboundTools } from "./tools.ts";

/** A file brought over, or why it could not be. */
export type Carried = { name: string; attachment: Attachment } | { name: string; missing: string };

/** After this many failed tries of its message a file no longer holds the words up. */
const PATIENCE = 6;

/** A message with its file, if it has one. */
export interface CarriedMessage {
  event: MessageReceived;
  carried: Carried | undefined;
}

export interface CarryRequest {
  messages: readonly MessageReceived[];
  /** Failed tries so far. */
  tries: number;
}

/** The messages' files rest on our disk for this try only: nothing stays when it fails or is given up. */
export async function withMedia<T>(
  { messages, tries }: CarryRequest,
  tools: InboundTools,
  use: (messages: CarriedMessage[]) => Promise<T>,
): Promise<T> {
  const ids = messages.filter(({ message }) => message.media).map(({ id }) => eventKey(id));
  try {
    const carried: CarriedMessage[] = [];
    for (const event of messages) {
      const { id, message } = event;
      const file = message.media && { media: message.media, message, id: eventKey(id), tries };
      carried.push({ event, carried: file && (await carryMedia(file, tools)) });
    }
    return await use(carried);
  } finally {
    for (const id of ids) await rm(path.join(tools.media.folder, id), { force: true });
  }
}

interface FileRequest {
  media: MediaRef;
  message: Message;
  /** File name on our disk, without personal data. */
  id: string;
  tries: number;
}

/**
 * Fetches a message's file to our disk, streamed. A file that is too large or gone never costs the message: the
 * comment then says what is missing. Passing trouble is retried, for about a minute.
 */
async function carryMedia(request: FileRequest, tools: InboundTools): Promise<Carried> {
  const name = fileNameOf(request.media, request.message);
  const maxBytes = Math.min(tools.media.maxBytes, tools.connector.capabilities.maxAttachmentBytes);
  if (maxBytes === 0) return { name, missing: "this helpdesk takes no files" };
  const file = path.join(tools.media.folder, request.id);
  await mkdir(tools.media.folder, { recursive: true, mode: 0o700 });
  try {
    const fetched = await tools.channel.fetchMedia(request.media, { path: file, maxBytes });
    crashPoint("media.fetched");
    return await carryFetched({ path: file, ...fetched }, request, tools);
  } catch (error) {
    const failure = asFailure(error);
    if (!failure || (failure.retryable && request.tries < PATIENCE)) throw error;
    // The words wait too: without the scanner nobody knows, and afterwards nobody would fetch the file again.
    if (failure instanceof ScannerAway) throw error;
    return { name, missing: failure.operatorMessage };
  }
}

/** What is there by now: under the type that its bytes have, or not at all. */
async function carryFetched(
  fetched: FetchedFile,
  { media, message }: FileRequest,
  tools: InboundTools,
): Promise<Carried> {
  const inspected = await inspectFile(fetched, media, tools.files);
  if ("why" in inspected) {
    tools.noteRefusedFile(inspected.why);
    return { name: fileNameOf(media, message), missing: inspected.reason };
  }
  const { mimeType, size } = inspected;
  const name = trueName(media, message, mimeType);
  return {
    name,
    attachment: { name, mimeType, size, open: () => createReadStream(fetched.path) },
  };
}
