import type { WebhookRequest } from "../webhook-request.ts";

const SIGNATURE_LIKE = /signature|hmac|digest|authorization|token|secret/i;

/** What somebody can send who saw a genuine webhook, but has no secret. */
export function forgeries(request: WebhookRequest): Record<string, WebhookRequest> {
  const { headers, body } = request;
  const forged: Record<string, WebhookRequest> = {
    "no signature": { ...request, headers: without(headers, (name) => SIGNATURE_LIKE.test(name)) },
    "no header at all": { ...request, headers: {} },
    "an empty body": { ...request, body: Buffer.alloc(0) },
    "a blank behind the body": { ...request, body: Buffer.concat([body, Buffer.from(" ")]) },
    "one bit of the body changed": { ...request, body: withBitFlipped(body) },
    "the body written anew": { ...request, body: Buffer.from(JSON.stringify(reread(body), null, 1)) },
  };
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !SIGNATURE_LIKE.test(name)) continue;
    const changed = value.endsWith("0") ? "1" : "0";
    forged[`${name} with another end`] = replaced(request, name, value.slice(0, -1) + changed);
    forged[`${name} cut short`] = replaced(request, name, value.slice(0, -1));
    forged[`${name} empty`] = replaced(request, name, "");
  }
  return forged;
}

function replaced(request: WebhookRequest, name: string, value: string): WebhookRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}

function without(
  headers: WebhookRequest["headers"],
  drop: (name: string) => boolean,
): WebhookRequest["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !drop(name)));
}

function withBitFlipped(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  return changed;
}

function reread(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return body.toString();
  }
}
