import { verifyHmac, type WebhookRequest } from "../../sdk/index.ts";

/**
 * True when one of the app secrets signed exactly these bytes. Meta signs the body as it is on the wire, with
 * `\u00e4` and `\/` escapes, and writes `sha256=` and lower-case hex; any other writing is unequal, also a repeated
 * header, which arrives joined by a comma (developers.facebook.com/docs/graph-api/webhooks/getting-started). The older
 * SHA-1 header is not looked at.
 */
export function verifySignature(appSecrets: readonly string[], request: WebhookRequest): boolean {
  return verifyHmac(appSecrets, request.body, request.headers["x-hub-signature-256"], {
    algorithm: "sha256",
    encoding: "hex",
    prefix: "sha256=",
  });
}
