import type { MediaLimit, OutboundMedia } from "../../sdk/index.ts";

const KB = 1024;
const MB = 1024 * KB;

interface MediaRow extends MediaLimit {
  mimeTypes: string[];
}

/**
 * What WhatsApp takes, as what, and up to which size (whatsapp/business-phone-numbers/media, November 2025). Images are
 * 8 bit RGB or RGBA, videos H.264 with AAC, Ogg files Opus with one channel; a sticker that does not move may have
 * 100 KB only. Meta looks at the bytes, so a file of another type under one of these names is refused all the same.
 */
export const mediaTable: readonly MediaRow[] = [
  { type: "image", maxBytes: 5 * MB, mimeTypes: ["image/jpeg", "image/png"] },
  { type: "video", maxBytes: 16 * MB, mimeTypes: ["video/mp4", "video/3gpp"] },
  {
    type: "audio",
    maxBytes: 16 * MB,
    mimeTypes: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
  },
  { type: "sticker", maxBytes: 500 * KB, mimeTypes: ["image/webp"] },
  {
    type: "document",
    maxBytes: 100 * MB,
    mimeTypes: [
      "text/plain",
      "application/pdf",
      "application/msword",
      "application/vnd.ms-excel",
      "application/vnd.ms-powerpoint",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ],
  },
];

const byMimeType = new Map(
  mediaTable.flatMap(({ type, maxBytes, mimeTypes }) =>
    mimeTypes.map((mimeType) => [mimeType, { type, maxBytes }] as const),
  ),
);
const byType = new Map(mediaTable.map(({ type, maxBytes }) => [type, maxBytes] as const));

/** A type without its parameters: `audio/ogg` of `audio/ogg; codecs=opus`. */
export function plainType(mimeType: string): string {
  return (mimeType.split(";")[0] ?? "").trim().toLowerCase();
}

/** What WhatsApp takes a file of this type as; undefined when it does not take it. */
export function mediaLimit(mimeType: string): MediaLimit | undefined {
  return byMimeType.get(plainType(mimeType));
}

/** Bytes that this file may have; undefined when it cannot be sent as what it is said to be. Whatever is taken may go as a document. */
export function maxBytesOf({ type, mimeType }: Pick<OutboundMedia, "type" | "mimeType">): number | undefined {
  const own = mediaLimit(mimeType);
  return own && (own.type === type || type === "document") ? byType.get(type) : undefined;
}
