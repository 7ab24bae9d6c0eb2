import { extension } from "mime-types";
import type { MediaRef, Message } from "../domain/message.ts";

const LONGEST = 120;

/**
 * A name that is safe in any file system and honest to the eye: no folders, no control or direction-changing
 * characters (`gpj.exe` read backwards), no leading dot. The person's own name for the file where there is one.
 */
export function fileNameOf(media: MediaRef, message: Pick<Message, "type" | "sentAt">): string {
  const own = (media.fileName ?? "").normalize("NFC").split(/[\\/]/).at(-1) ?? "";
  const clean = own.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/gu, "").replace(/^[.\s]+|[.\s]+$/g, "");
  return clean === "" ? nameByTime(media, message) : shorten(clean);
}

function nameByTime(media: MediaRef, message: Pick<Message, "type" | "sentAt">): string {
  const stamp = message.sentAt.slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const end = extension(media.mimeType);
  return `${message.type}-${stamp}${end ? `.${end}` : ""}`;
}

/** Keeps the ending. */
function shorten(name: string): string {
  const characters = [...name];
  if (characters.length <= LONGEST) return name;
  const end = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? "";
  return characters.slice(0, LONGEST - end.length).join("") + end;
}
