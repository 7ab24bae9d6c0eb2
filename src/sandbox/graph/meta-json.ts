import { hmac } from "../../sdk/signature.ts";

/**
 * JSON as Meta puts it on the wire and signs it: everything beyond ASCII as `\uXXXX` in lower-case hex and `/` as `\/`
 * (Graph API webhooks, "getting started"). A receiver that signs its own re-serialisation fails here, as it does live.
 */
export function toMetaJson(value: unknown): Buffer {
  const text = JSON.stringify(value)
    .replaceAll("/", "\\/")
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return Buffer.from(text, "ascii");
}

/** Value of `X-Hub-Signature-256` for these bytes. */
export function signBody(appSecret: string, body: Buffer): string {
  return hmac(appSecret, body, { algorithm: "sha256", encoding: "hex", prefix: "sha256=" });
}
