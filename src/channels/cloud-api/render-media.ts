import type { OutboundMedia } from "../../sdk/index.ts";
import { maxBytesOf } from "./media-limits.ts";
import { invalid, unusableFile } from "./refusal.ts";

const MAX_CAPTION = 1024;

/** The part of a message that is a file; `mediaId` is the id that an upload gave, for a file of ours. */
export function renderMedia(media: OutboundMedia, mediaId: string): Record<string, unknown> {
  const { type, source, caption, fileName } = media;
  if (maxBytesOf(media) === undefined) throw unusableFile(`WhatsApp takes no file of this type as ${type}`);
  const file = "link" in source ? { link: checkedLink(source.link) } : { id: mediaId };
  return {
    type,
    [type]: {
      ...file,
      ...(caption === undefined ? {} : { caption: checkedCaption(type, caption) }),
      ...(type === "document" && fileName !== undefined ? { filename: tidyName(fileName) } : {}),
    },
  };
}

/** WhatsApp fetches over HTTP and HTTPS only. */
export function checkedLink(link: string): string {
  if (URL.canParse(link) && /^https?:$/.test(new URL(link).protocol)) return link;
  throw invalid("the file's address is none: it must be whole and begin with https://");
}

export function checkedCaption(type: OutboundMedia["type"], given: string): string {
  if (type === "audio" || type === "sticker") throw invalid(`a file sent as ${type} has no caption`);
  const caption = given.toWellFormed();
  const { length } = [...caption];
  if (length > MAX_CAPTION) throw invalid(`the caption has ${length} characters, ${MAX_CAPTION} are allowed`);
  return caption;
}

/** A name as the person's phone may show it: one line, without folders. */
export function tidyName(name: string): string {
  const line = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}/\\]+/gu, "_")
    .trim();
  return line === "" ? "file" : line;
}
