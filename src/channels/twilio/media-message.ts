import type { MediaLimit, OutboundMedia } from "../../sdk/index.ts";
import { plainType } from "../cloud-api/media-limits.ts";
import { invalid, unusableFile } from "../cloud-api/refusal.ts";
import { checkedCaption, checkedLink } from "../cloud-api/render-media.ts";

const MB = 1024 * 1024;

interface MediaRow extends MediaLimit {
  mimeTypes: string[];
}

/** What Twilio takes for WhatsApp (twilio.com/docs/whatsapp/guidance-whatsapp-media-messages, 2026). */
export const mediaTable: readonly MediaRow[] = [
  { type: "image", maxBytes: 5 * MB, mimeTypes: ["image/jpeg", "image/png"] },
  { type: "video", maxBytes: 16 * MB, mimeTypes: ["video/mp4"] },
  {
    type: "audio",
    maxBytes: 16 * MB,
    mimeTypes: ["audio/ogg", "audio/amr", "audio/3gpp", "audio/aac", "audio/mpeg"],
  },
  { type: "sticker", maxBytes: 500 * 1024, mimeTypes: ["image/webp"] },
  {
    type: "document",
    maxBytes: 16 * MB,
    mimeTypes: [
      "application/pdf",
      "application/msword",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.openxmlformats-officedocument.presentationml.presentation",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ],
  },
];

/** What Twilio takes a file of this type as, by its address; undefined when it does not take it. */
export function mediaLimit(mimeType: string): MediaLimit | undefined {
  const row = mediaTable.find(({ mimeTypes }) => mimeTypes.includes(plainType(mimeType)));
  return row && { type: row.type, maxBytes: row.maxBytes };
}

/**
 * The fields of a message with a file. Twilio takes no uploads for messages, it fetches; what the file is sent as follows
 * from the type that the file's server tells.
 */
export function renderMedia({ type, source, mimeType, caption }: OutboundMedia): Record<string, string> {
  if (!("link" in source)) throw unusableFile("Twilio takes files by their address only, this one has none");
  if (mediaLimit(mimeType)?.type !== type) throw unusableFile(`Twilio takes no file of this type as ${type}`);
  const MediaUrl = checkedLink(source.link);
  if (caption === undefined) return { MediaUrl };
  if (type === "document") throw invalid("a document has no caption at Twilio");
  return { MediaUrl, Body: checkedCaption(type, caption) };
}
