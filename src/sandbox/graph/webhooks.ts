import { signBody, toMetaJson } from "./meta-json.ts";
import { type Change, toEnvelope } from "./payload.ts";
import type { GraphNumber } from "./settings.ts";
import type { GraphWorld } from "./world.ts";

export interface GraphWebhook {
  changes: Change[];
  /** Messages concerned, for the ledger. */
  wamids: string[];
}

/** Signs and posts one webhook to the callback of the number's app; true once it was answered with 200. */
export function postWebhook(world: GraphWorld, number: GraphNumber, webhook: GraphWebhook): Promise<boolean> {
  const { callbackUrl, appSecret } = number;
  if (!callbackUrl) return Promise.resolve(false);
  const id = world.ids.digits(12);
  const field = webhook.changes[0]?.field ?? "messages";
  const body = toMetaJson(toEnvelope(webhook.changes));
  const headers = {
    "Content-Type": "application/json",
    "User-Agent": "facebookexternalua",
    "X-Hub-Signature-256": signBody(appSecret, body),
  };
  return world.sender.post({
    url: callbackUrl,
    body,
    headers: () => headers,
    onAttempt: (result) => {
      world.journal.append({ kind: "webhook", id, field, wamids: webhook.wamids, ...result });
    },
  });
}

/** Meta's set-up request: true when the callback echoes the challenge. */
export async function tryHandshake(world: GraphWorld, number: GraphNumber): Promise<boolean> {
  if (!number.callbackUrl) return false;
  const challenge = world.ids.digits(10);
  const url = new URL(number.callbackUrl);
  url.searchParams.set("hub.mode", "subscribe");
  url.searchParams.set("hub.challenge", challenge);
  url.searchParams.set("hub.verify_token", number.verifyToken ?? "");
  const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10_000) });
  return response.status === 200 && (await response.text()) === challenge;
}
