import { extension } from "mime-types";
import { dangerousEnding } from "../domain/file-danger.ts";
import { cleanFileName, fileNameFor, withEnding } from "../domain/file-name.ts";
import type { MediaRef, Message } from "../domain/message.ts";

/** The person's own name for the file, made safe, where there is one; else one that tells kind and time. */
export function fileNameOf(media: MediaRef, message: Pick<Message, "type" | "sentAt">): string {
  return cleanFileName(media.fileName ?? "") || nameByTime(media, message);
}

/** The same once its bytes are known: with an ending that is true, or at least harmless. */
export function trueName(media: MediaRef, message: Pick<Message, "type" | "sentAt">, mimeType: string) {
  const own = cleanFileName(media.fileName ?? "");
  if (!own) return nameByTime({ ...media, mimeType }, message);
  const named = mimeType === "text/plain" ? own : fileNameFor(own, mimeType);
  const ending = extension(mimeType) || "";
  const isHonest = !dangerousEnding(named) || named.toLowerCase().endsWith(`.${ending}`);
  return isHonest ? named : withEnding(named, ending);
}

function nameByTime(media: MediaRef, message: Pick<Message, "type" | "sentAt">): string {
  const stamp = message.sentAt.slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const end = extension(media.mimeType);
  return `${message.type}-${stamp}${end ? `.${end}` : ""}`;
}
