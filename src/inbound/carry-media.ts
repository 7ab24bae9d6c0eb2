import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { asFailure } from "../domain/failure.ts";
import type { MediaRef, Message } from "../domain/message.ts";
import type { Attachment } from "../sdk/attachment.ts";
import { fileNameOf } from "./file-name.ts";
import type { InboundTools } from "./tools.ts";

/** A file brought over, or why it could not be. */
export type Carried = { name: string; attachment: Attachment } | { name: string; missing: string };

/** After this many failed tries of its message a file no longer holds the words up. */
const PATIENCE = 6;

export interface CarryRequest {
  media: MediaRef;
  message: Message;
  /** File name on our disk, without personal data. */
  id: string;
  /** Failed tries of this event so far. */
  tries: number;
}

/**
 * Fetches a message's file to our disk, streamed. A file that is too large or gone never costs the message: the
 * comment then says what is missing. Passing trouble is retried, for about a minute.
 */
export async function carryMedia(request: CarryRequest, tools: InboundTools): Promise<Carried> {
  const name = fileNameOf(request.media, request.message);
  const maxBytes = Math.min(tools.media.maxBytes, tools.connector.capabilities.maxAttachmentBytes);
  if (maxBytes === 0) return { name, missing: "this helpdesk takes no files" };
  const file = path.join(tools.media.folder, request.id);
  await mkdir(tools.media.folder, { recursive: true, mode: 0o700 });
  try {
    const { mimeType, size } = await tools.channel.fetchMedia(request.media, { path: file, maxBytes });
    return { name, attachment: { name, mimeType, size, open: () => createReadStream(file) } };
  } catch (error) {
    const failure = asFailure(error);
    if (!failure || (failure.retryable && request.tries < PATIENCE)) throw error;
    return { name, missing: failure.operatorMessage };
  }
}

/** Removes what carryMedia left on our disk. */
export async function dropMedia(id: string, tools: InboundTools): Promise<void> {
  await rm(path.join(tools.media.folder, id), { force: true });
}
