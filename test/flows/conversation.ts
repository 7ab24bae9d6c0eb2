import { randomBytes } from "node:crypto";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { jpeg } from "../support/sample-files.ts";
import { until } from "../support/until.ts";

export const PATIENCE = { withinMs: 30_000, everyMs: 100 };
export const person = { phone: "+447700900123", name: "Asha Rao" };
export const photo = Buffer.concat([jpeg, randomBytes(70_000)]);

/** One person and a helpdesk, with the whole of Deskferry between them. */
export interface Conversation {
  /** Resolves once the webhook is answered. */
  write(text: string): Promise<unknown>;
  /** A text and a photo that says "this one", as an album. */
  writeWithPhoto(text: string): Promise<unknown>;
  /** What has reached the person. */
  sends(): Promise<Awaited<ReturnType<Stack["graphLedger"]>>["sends"]>;
  /** Resolves once so much has reached the person. */
  sent(count: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** With the starter mappings and these settings of the connection. */
export async function openConversation(
  use: string,
  settings: Record<string, unknown>,
): Promise<Conversation> {
  const stack = await startStack({
    redisUrl: process.env["REDIS_URL"] ?? "",
    name: `${use}-${process.pid}`,
    helpdesk: { mapping: use, connection: { use, ...settings } },
  });
  await stack.start("all");
  const sends = async () => (await stack.graphLedger()).sends;
  const media = { mimeType: "image/jpeg", base64: photo.toString("base64") };
  return {
    write: (text) => stack.graph("POST", "/messages", { person, text, wait: true }),
    writeWithPhoto: (text) =>
      stack.graph("POST", "/messages", {
        delivery: "album",
        wait: true,
        person,
        messages: [
          { text, sentAt: Date.now() - 5000 },
          { type: "image", text: "this one", media, sentAt: Date.now() - 3000 },
        ],
      }),
    sends,
    sent: (count) => until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE),
    stop: () => stack.stop(),
  };
}
