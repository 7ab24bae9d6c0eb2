import { verifyHmac, type WebhookRequest } from "../../sdk/index.ts";
import { calledAddress } from "./callback-address.ts";
import { fieldsOf } from "./form.ts";
import type { Settings } from "./settings.ts";

/**
 * True when Twilio signed this form for this address: HMAC-SHA1 over the address with its query, then every field's
 * name and value by the names' order, without anything between (twilio.com/docs/usage/security). The address is a
 * setting, because a reverse proxy shows us another one.
 *
 * Nothing divides names from values in what is signed, so two more things must hold that every form of Twilio's does:
 * no name twice, and names of letters, digits and underscores. Who has seen a genuine signature could still move a
 * border between two fields; Twilio's scheme leaves that to TLS.
 */
export function verifySignature(
  { authTokens, publicUrl, connectionOverrides }: Settings,
  { headers, query, body }: WebhookRequest,
): boolean {
  const address = calledAddress(publicUrl, query);
  const fields = fieldsOf(body);
  const names = fields.map(([name]) => name);
  const isRegular = new Set(names).size === names.length && names.every((name) => /^\w+$/.test(name));
  if (address === undefined || names.length === 0 || !isRegular) return false;
  const form = fields
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flat()
    .join("");
  let valid = false;
  // All are tried, so that the time does not tell which one matched.
  for (const written of writingsOf(address, connectionOverrides)) {
    const isSigned = verifyHmac(authTokens, written + form, headers["x-twilio-signature"], {
      algorithm: "sha1",
      encoding: "base64",
    });
    if (isSigned) valid = true;
  }
  return valid;
}

/**
 * Twilio's own libraries try an address with and without its standard port, because older and newer parts of Twilio
 * sign differently. Whether the fragment with the connection overrides is signed the documentation does not say.
 */
function writingsOf(address: string, connectionOverrides: string): string[] {
  const { protocol, host } = new URL(address);
  const port = protocol === "https:" ? 443 : 80;
  const withPort = host.includes(":") ? address : address.replace(host, `${host}:${port}`);
  return [address, withPort].flatMap((written) => [written, `${written}#${connectionOverrides}`]);
}
