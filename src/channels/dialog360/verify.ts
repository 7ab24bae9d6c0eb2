import { safeEqual, verifyHmac, type WebhookRequest } from "../../sdk/index.ts";
import type { Settings } from "./settings.ts";

/**
 * True when the request carries every proof that is configured: 360dialog's signature over the raw bytes, or the header
 * that it was told to send. Without any of the two nothing is true. Meta's own signature does not come along, and only
 * partners have the platform secret (docs.360dialog.com/partner, signature-validation, 2026); that the signature is plain
 * hexadecimal stands in no page of 360dialog's, but receivers in the field compare it so. The header alone proves
 * the sender, not the bytes: TLS has to protect those.
 */
export function verifyWebhook(
  { webhookSecrets, webhookHeader }: Pick<Settings, "webhookSecrets" | "webhookHeader">,
  { headers, body }: WebhookRequest,
): boolean {
  if (webhookSecrets.length === 0 && !webhookHeader) return false;
  const isSigned =
    webhookSecrets.length === 0 ||
    verifyHmac(webhookSecrets, body, headers["x-360dialog-signature"], {
      algorithm: "sha256",
      encoding: "hex",
    });
  const isKnown =
    !webhookHeader || safeEqual(headers[webhookHeader.name.toLowerCase()] ?? "", webhookHeader.value);
  return isSigned && isKnown;
}
