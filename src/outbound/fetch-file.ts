import { mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import { asFailure, type Failure, GiveUp } from "../domain/failure.ts";
import { fileNameFor } from "../domain/file-name.ts";
import { fileTypeOf } from "../domain/file-type.ts";
import type { OutboundMedia } from "../domain/outbound.ts";
import type { AttachmentRef } from "../sdk/connector.ts";
import type { OutboundTools } from "./tools.ts";

type Tools = Pick<OutboundTools, "connector" | "channel" | "media">;

/**
 * Fetches a file to our disk, under `id`, and finds out as what WhatsApp takes it: by its bytes, since names and
 * helpdesks err. Throws GiveUp with the reason, in words for staff, when it cannot be sent; passing trouble of the
 * helpdesk as it comes.
 */
export async function fetchFile(file: AttachmentRef, id: string, tools: Tools): Promise<OutboundMedia> {
  const target = { path: pathOf(id, tools), maxBytes: tools.media.maxBytes };
  await mkdir(tools.media.folder, { recursive: true, mode: 0o700 });
  const fetched = await tools.connector.fetchAttachment?.(file, target).catch((error: unknown) => {
    const failure = asFailure(error);
    throw failure && !failure.retryable ? stays(whyNot(failure, target.maxBytes)) : error;
  });
  const { mimeType, type } = await kindOf(target.path, fetched?.size ?? 0, tools);
  return { type, source: { path: target.path }, mimeType, fileName: fileNameFor(file.name, mimeType) };
}

/** Removes what fetchFile left on our disk. */
export async function dropFile(id: string, tools: Tools): Promise<void> {
  await rm(pathOf(id, tools), { force: true });
}

function pathOf(id: string, { media }: Tools): string {
  return path.join(media.folder, id);
}

function whyNot(failure: Failure & { code?: unknown }, maxBytes: number): string {
  if (failure.code === "too_large") return `it is larger than ${inMegabytes(maxBytes)}`;
  return failure.kind === "not_found" ? "it is no longer in the helpdesk" : NOT_FETCHED;
}

export const NOT_FETCHED = "it could not be fetched from the helpdesk";

async function kindOf(
  file: string,
  size: number,
  { channel }: Tools,
): Promise<Pick<OutboundMedia, "mimeType" | "type">> {
  if (size === 0) throw stays("it is empty");
  const mimeType = await typeOf(file, size);
  if (mimeType === undefined) throw stays("WhatsApp takes no files of this kind");
  const limit = channel.mediaLimit?.(mimeType);
  if (!limit) throw stays(`WhatsApp takes no files of this kind (${mimeType})`);
  if (limit.type === "sticker") throw stays(`WhatsApp takes such pictures (${mimeType}) as stickers only`);
  if (size > limit.maxBytes) {
    throw stays(
      `it has ${inMegabytes(size)}, and WhatsApp takes ${inMegabytes(limit.maxBytes)} of ${mimeType}`,
    );
  }
  return { mimeType, type: limit.type };
}

async function typeOf(file: string, size: number): Promise<string | undefined> {
  const handle = await open(file, "r");
  try {
    return await fileTypeOf({
      size,
      async read(offset, length) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      },
    });
  } finally {
    await handle.close();
  }
}

function stays(reason: string): GiveUp {
  return new GiveUp("file_stays", reason);
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil((bytes / 1024 / 1024) * 10) / 10} MB`;
}
