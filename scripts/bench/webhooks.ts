import { signBody, toMetaJson } from "../../src/sandbox/graph/meta-json.ts";
import { sandbox } from "../sandbox-settings.ts";

/** People who write, unless told otherwise; each message of theirs is another one. */
const PEOPLE = 500;

/**
 * HTTP requests as Meta sends them, signed, each with one text message of 100 characters that was never sent before, so
 * that deduplication forgets none. About 1 KB each.
 */
export function createWebhooks(path: string, people = PEOPLE) {
  let sent = 0;
  const begun = Date.now();
  return (count: number): Buffer[] =>
    Array.from({ length: count }, () => toRequest(path, bodyOf(sent++, { begun, people })));
}

/** The body of a webhook with message `index`; `begun`, in milliseconds, makes it another one than in other runs. */
export function bodyOf(index: number, { begun, people }: { begun: number; people: number }): Buffer {
  const person = 1_000_000 + (index % people);
  const message = {
    from: `4477${person}0`,
    from_user_id: `GB.${person}${person}`,
    id: messageIdOf(index, begun),
    timestamp: String(Math.floor(begun / 1000) - 60),
    type: "text",
    text: { body: `message ${index} `.padEnd(100, "about a street light ") },
  };
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "441632960961", phone_number_id: sandbox.phoneNumberId },
    contacts: [{ profile: { name: `Person ${person}` }, wa_id: message.from, user_id: message.from_user_id }],
    messages: [message],
  };
  const change = { value, field: "messages" };
  return toMetaJson({
    object: "whatsapp_business_account",
    entry: [{ id: sandbox.businessAccountId, changes: [change] }],
  });
}

/** 62 characters, like most in Meta's own examples. */
export function messageIdOf(index: number, begun: number): string {
  return `wamid.${Buffer.from(`${begun}/${index}`.padEnd(42)).toString("base64")}`;
}

function toRequest(path: string, body: Buffer): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    `X-Hub-Signature-256: ${signBody(sandbox.appSecret, body)}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}
