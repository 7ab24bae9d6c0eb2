import { asText, compact, type Json } from "../read.ts";
import type { GraphError } from "./graph-error.ts";
import type { MediaStore } from "./media.ts";
import { kindsOf, type MediaKind } from "./media-kinds.ts";

/** A file of a message that Meta would accept. */
export interface CheckedMedia {
  kind: MediaKind;
  /** Of an upload; an address is not fetched here. */
  id?: string;
  link?: string;
  mimeType?: string;
  fileName?: string;
  caption?: string;
}

const MAX_CAPTION = 1024;
const withoutCaption: readonly MediaKind[] = ["audio", "sticker"];

/** Checks the object under the type's key, `{id | link, caption?, filename?}`. */
export function checkMedia(
  kind: MediaKind,
  given: Json,
  from: { media: MediaStore; phoneNumberId: string },
): CheckedMedia | GraphError {
  const id = asText(given["id"]);
  const link = asText(given["link"]);
  if ((id === undefined) === (link === undefined)) {
    return { code: 131008, details: `Just one of ${kind}.id and ${kind}.link is required.` };
  }
  const caption = asText(given["caption"]);
  if (caption && (caption.length > MAX_CAPTION || withoutCaption.includes(kind))) {
    return { code: 131009, details: `${kind}.caption is not allowed, or exceeds ${MAX_CAPTION} characters.` };
  }
  const fileName = asText(given["filename"]);
  const rest = compact({ caption, fileName });
  if (id) return checkUpload(kind, id, from, rest);
  return link && /^https?:\/\//.test(link) && URL.canParse(link)
    ? { kind, link, ...rest }
    : { code: 131009, details: `${kind}.link is not a valid address.` };
}

function checkUpload(
  kind: MediaKind,
  id: string,
  { media, phoneNumberId }: { media: MediaStore; phoneNumberId: string },
  rest: Pick<CheckedMedia, "caption" | "fileName">,
): CheckedMedia | GraphError {
  const stored = media.get(id);
  if (!stored || stored.phoneNumberId !== phoneNumberId) {
    return { code: 131009, details: `${kind}.id ${id} is no file of this business number.` };
  }
  if (!kindsOf(stored.mimeType).includes(kind)) {
    return { code: 131053, details: `A file of the type ${stored.mimeType} cannot be sent as ${kind}.` };
  }
  return { kind, id, mimeType: stored.mimeType, ...rest };
}
