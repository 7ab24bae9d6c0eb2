import { extension } from "mime-types";
import type { MediaRef, Message } from "../domain/message.ts";

const LONGEST = 120;
/** Below the 255 of most file systems. */
const MOST_BYTES = 240;
/** Devices, not files, on the staff's Windows machines, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)/i;

/**
 * A name that is safe in any file system and honest to the eye: no folders, no control or direction-changing
 * characters (`gpj.exe` read backwards), no leading dot. The person's own name for the file where there is one.
 */
export function fileNameOf(media: MediaRef, message: Pick<Message, "type" | "sentAt">): string {
  // Cut first: the expressions below are slow on megabytes of dots.
  const own = (media.fileName ?? "").slice(-1000).normalize("NFC").split(/[\\/]/).at(-1) ?? "";
  const clean = trim(own.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu, ""));
  return clean === "" ? nameByTime(media, message) : shorten(clean.replace(DEVICE, "_$1"));
}

function trim(name: string): string {
  return name.replace(/^[.\s]+|[.\s]+$/g, "");
}

function nameByTime(media: MediaRef, message: Pick<Message, "type" | "sentAt">): string {
  const stamp = message.sentAt.slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const end = extension(media.mimeType);
  return `${message.type}-${stamp}${end ? `.${end}` : ""}`;
}

/** Keeps the ending. */
function shorten(name: string): string {
  const end = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? "";
  const stem = [...name.slice(0, name.length - end.length)];
  const isTooLong = () =>
    stem.length + end.length > LONGEST || Buffer.byteLength(stem.join("")) + end.length > MOST_BYTES;
  if (!isTooLong()) return name;
  stem.length = Math.min(stem.length, LONGEST - end.length);
  while (isTooLong()) stem.pop();
  return trim(stem.join("") + end);
}
