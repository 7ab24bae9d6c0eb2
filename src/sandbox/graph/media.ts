import { createHash } from "node:crypto";
import type { Clock } from "../../sdk/clock.ts";
import { hmac, safeEqual } from "../../sdk/signature.ts";
import type { Ids } from "./ids.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Addresses last 5 minutes, ids from webhooks 7 days, of uploads 30 (Cloud API, "media"). */
const ADDRESS_MS = 5 * 60 * 1000;
const KEPT_MS = { person: 7 * DAY_MS, business: 30 * DAY_MS };

export interface StoredMedia {
  id: string;
  phoneNumberId: string;
  mimeType: string;
  fileName?: string;
  bytes: Buffer;
  /** Whose file it is: what a person sent, or what the business uploaded. */
  from: "person" | "business";
  createdAt: number;
}

export interface MediaStore {
  add(media: Omit<StoredMedia, "id" | "createdAt">): StoredMedia;
  /** Undefined when unknown or past its days. */
  get(id: string): StoredMedia | undefined;
  /** A fresh address below `base`. */
  addressOf(media: StoredMedia, base: string): string;
  /** The file behind an address; undefined when the address is forged or expired. */
  open(query: Record<string, unknown>): StoredMedia | undefined;
}

export function createMediaStore(tools: { clock: Clock; ids: Ids }): MediaStore {
  const { clock, ids } = tools;
  const files = new Map<string, StoredMedia>();
  const secret = ids.digits(16);
  const sign = (id: string, expiry: string) =>
    hmac(secret, `${id}.${expiry}`, { algorithm: "sha256", encoding: "hex" });
  const get = (id: string) => {
    const media = files.get(id);
    return media && clock.now() < media.createdAt + KEPT_MS[media.from] ? media : undefined;
  };
  return {
    add(media) {
      const stored = { ...media, id: ids.digits(16), createdAt: clock.now() };
      files.set(stored.id, stored);
      return stored;
    },
    get,
    addressOf(media, base) {
      const expiry = String(clock.now() + ADDRESS_MS);
      const query = new URLSearchParams({ mid: media.id, ext: expiry, hash: sign(media.id, expiry) });
      return `${base}/whatsapp_business/attachments/?${query}`;
    },
    open(query) {
      const id = String(query["mid"]);
      const expiry = String(query["ext"]);
      const valid = safeEqual(String(query["hash"]), sign(id, expiry));
      return valid && clock.now() < Number(expiry) ? get(id) : undefined;
    },
  };
}

/** Webhooks carry the hash in base64, `GET /{media-id}` in hex: an inconsistency of Meta's, kept. */
export function sha256Of(media: StoredMedia, encoding: "base64" | "hex"): string {
  return createHash("sha256").update(media.bytes).digest(encoding);
}
