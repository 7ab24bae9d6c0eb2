import type { Attachment } from "./attachment.ts";
import { cleanText } from "./clean-text.ts";
import type { NewComment } from "./connector.ts";

/** Bytes per millisecond below which a transfer counts as stuck. */
const SLOWEST = 250;
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+(;\s*[\w-]+=[\w.-]+)*$/;

/**
 * A person's file name as it may stand in a multipart header: without what ends or escapes a name there, without
 * folders, and never empty.
 */
export function uploadName(name: string): string {
  return cleanText(name).replace(/["\\/\r\n\t]/g, "_") || "file";
}

/** A MIME type as it may stand in a header, parameters included; what is none becomes `application/octet-stream`. */
export function uploadType(mimeType: string): string {
  return MIME_TYPE.test(mimeType) ? mimeType : "application/octet-stream";
}

/** Deadline in milliseconds of a request that carries these files; sizes in bytes. */
export function transferTimeoutMs(files: readonly { size: number }[]): number {
  return 20_000 + Math.ceil(files.reduce((sum, { size }) => sum + size, 0) / SLOWEST);
}

/** A file for JSON, which takes it in one piece: it is held in memory, so `maxAttachmentBytes` must be small. */
export async function base64Of({ open }: Pick<Attachment, "open">): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of open()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("base64");
}

/**
 * The text of a comment with a line for each file without content, for helpdesks that refuse such files: an empty file
 * has nothing to lose but its name.
 */
export function withEmptyFiles({ body, attachments }: Pick<NewComment, "body" | "attachments">): string {
  const empty = attachments.filter(({ size }) => size === 0).map(({ name }) => `(empty file: ${name})`);
  return [body, ...empty].join("\n");
}
