import { extension } from "mime-types";
import { cleanFileName } from "../domain/file-name.ts";
import type { MediaRef, Message } from "../domain/message.ts";

/** The person's own name for the file, made safe, where there is one; else one that tells kind and time. */
export function fileNameOf(media: MediaRef, message: Pick<Message, "type" | "sentAt">): string {
  return cleanFileName(media.fileName ?? "") || nameByTime(media, message);
}

function nameByTime(media: MediaRef, message: Pick<Message, "type" | "sentAt">): string {
  const stamp = message.sentAt.slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const end = extension(media.mimeType);
  return `${message.type}-${stamp}${end ? `.${end}` : ""}`;
}
