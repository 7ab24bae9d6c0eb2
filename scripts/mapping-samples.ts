import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { channelTypes } from "../src/channels/registry.ts";
import type { MessageInput } from "../src/domain/mapping-input.ts";
import { type MessageType, messageTypes } from "../src/domain/message.ts";

/** What a mapping sees of a recorded message. */
export interface MappingSample {
  type: MessageType;
  /** Payload that it was parsed from. */
  file: string;
  input: MessageInput;
}

const PAYLOADS = "test/payloads/meta";

/** One input of each type of message, read by the channel's own parser; of several payloads the one with the shortest name. */
export function mappingSamples(): MappingSample[] {
  const files = readdirSync(PAYLOADS)
    .filter((name) => name.endsWith(".json"))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const all = files.flatMap(inputsOf);
  return messageTypes.flatMap((type) => {
    const ofType = all.filter((sample) => sample.type === type);
    const sample = ofType.find(({ input }) => input.person.phone) ?? ofType[0];
    return sample ? [sample] : [];
  });
}

function inputsOf(name: string): MappingSample[] {
  const file = join(PAYLOADS, name);
  const { payload } = JSON.parse(readFileSync(file, "utf8")) as { payload: unknown };
  const events = channelTypes["meta"]?.parse(Buffer.from(JSON.stringify(payload))).events ?? [];
  return events.flatMap((event) =>
    event.type === "message.received"
      ? [
          {
            type: event.message.type,
            file,
            input: { channel: "city", person: event.person, message: event.message },
          },
        ]
      : [],
  );
}
