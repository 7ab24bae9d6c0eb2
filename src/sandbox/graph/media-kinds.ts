/** The kinds of file in a message. */
export const mediaKinds = ["image", "video", "audio", "document", "sticker"] as const;
export type MediaKind = (typeof mediaKinds)[number];

const MB = 1024 * 1024;

const office = "application/vnd.openxmlformats-officedocument";

/** Which files go as which kind, and how large they may be (Cloud API, "media", supported media types, 2025). */
const kinds: Record<MediaKind, { maxBytes: number; mimeTypes: string[] }> = {
  image: { maxBytes: 5 * MB, mimeTypes: ["image/jpeg", "image/png"] },
  video: { maxBytes: 16 * MB, mimeTypes: ["video/mp4", "video/3gpp"] },
  audio: {
    maxBytes: 16 * MB,
    mimeTypes: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
  },
  document: {
    maxBytes: 100 * MB,
    mimeTypes: [
      "text/plain",
      "application/pdf",
      "application/msword",
      "application/vnd.ms-excel",
      "application/vnd.ms-powerpoint",
      `${office}.wordprocessingml.document`,
      `${office}.spreadsheetml.sheet`,
      `${office}.presentationml.presentation`,
    ],
  },
  sticker: { maxBytes: 500 * 1024, mimeTypes: ["image/webp"] },
};

/** The kinds that a file of this type can be sent as; a parameter such as `; codecs=opus` is left aside. */
export function kindsOf(mimeType: string): MediaKind[] {
  const [bare = ""] = mimeType.toLowerCase().split(";");
  return mediaKinds.filter((kind) => kinds[kind].mimeTypes.includes(bare.trim()));
}

/** The most that any kind of this type may have, in bytes; 0 for a type that cannot be sent. */
export function maxBytesOf(mimeType: string): number {
  return Math.max(0, ...kindsOf(mimeType).map((kind) => kinds[kind].maxBytes));
}

export function allMimeTypes(): string[] {
  return mediaKinds.flatMap((kind) => kinds[kind].mimeTypes);
}
