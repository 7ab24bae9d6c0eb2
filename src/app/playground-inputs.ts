import { channelTypes } from "../channels/registry.ts";
import type { ChannelEvent, MessageReceived } from "../domain/event.ts";
import { type MappingKind, mappingKinds } from "../domain/records.ts";
import { inputOf } from "./payload-input.ts";

interface Found {
  title: string;
  inputs: Partial<Record<MappingKind, unknown>>;
}

/** As deskferry.yaml would name it; a payload does not tell. */
const CHANNEL = "city";

/**
 * The inputs that mapping files would get from the body of a webhook, by the channel type's own parser. `left`: what no
 * mapping is asked for, and why.
 */
export function readPayload(channelType: string, body: string): { found: Found[]; left: string[] } {
  const arrival = { query: {}, receivedAt: new Date().toISOString() };
  const parsed = channelTypes[channelType]?.parse(Buffer.from(body), arrival);
  const { events = [], quarantined = [] } = parsed ?? {};
  return {
    found: events.filter(isMessage).map(inputsOf),
    left: [
      ...events.filter((event) => !isMessage(event)).map(({ type }) => `${type}: no mapping file is asked`),
      ...quarantined.map(({ reason }) => `kept in quarantine: ${reason}`),
    ],
  };
}

function isMessage(event: ChannelEvent): event is Extract<ChannelEvent, { type: "message.received" }> {
  return event.type === "message.received";
}

function inputsOf(event: MessageReceived): Found {
  const kinds = mappingKinds.filter((kind) => kind !== "confirmation");
  const inputs = kinds.map((kind) => [kind, inputOf(event, kind, CHANNEL)] as const);
  const { type, text } = event.message;
  return { title: `${type}: ${text.slice(0, 60)}`, inputs: Object.fromEntries(inputs) };
}
