import { verifyHmac, type WebhookRequest } from "../../sdk/index.ts";

const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/**
 * True when one of the app secrets signed exactly these bytes. Meta signs the body as it is on the wire, with
 * `\u00e4` and `\/` escapes, in lower-case hex (developers.facebook.com/docs/graph-api/webhooks/getting-started).
 * The older SHA-1 header is not looked at; a repeated header arrives joined by a comma and does not match.
 */
export function verifySignature(appSecrets: readonly string[], request: WebhookRequest): boolean {
  const signature = request.headers["x-hub-signature-256"];
  if (signature === undefined || !SIGNATURE.test(signature)) return false;
  return verifyHmac(appSecrets, request.body, signature, {
    algorithm: "sha256",
    encoding: "hex",
    prefix: "sha256=",
  });
}
