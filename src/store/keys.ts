import { digest } from "../domain/digest.ts";
import type { Lane } from "../domain/lane.ts";
import type { ConsentScope } from "../domain/opt-out.ts";

/**
 * Every key of a channel shares one hash tag, so that one Lua script or MULTI may touch them all on Redis Cluster.
 * BullMQ uses the same tag as its prefix.
 */
export function channelTag(channel: string): string {
  return `{deskferry:${channel}}`;
}

export function connectionTag(connection: string): string {
  return `{deskferry:connection:${connection}}`;
}

/**
 * The same, in groups of one hash tag each: what is of one tag stands on one server of a cluster, and may be touched by one
 * script, MULTI or pipeline. Groups and their members keep their order.
 */
export function byTag<T>(items: Iterable<T>, keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const tag = key.slice(0, key.indexOf("}") + 1);
    const group = groups.get(tag);
    if (group) group.push(item);
    else groups.set(tag, [item]);
  }
  return [...groups.values()];
}

/** Provider ids contain phone numbers and may be long; keys carry their digest. */
export const keys = {
  seen: (channel: string, eventId: string) => `${channelTag(channel)}:seen:${digest(eventId)}`,
  /** The same, from the event's eventKey. */
  seenOf: (channel: string, event: string) => `${channelTag(channel)}:seen:${event}`,
  mailbox: (channel: string, lane: Lane, person: string) =>
    `${channelTag(channel)}:mailbox:${lane}:${person}`,
  head: (channel: string, lane: Lane, person: string) => `${channelTag(channel)}:head:${lane}:${person}`,
  pending: (channel: string, lane: Lane) => `${channelTag(channel)}:pending:${lane}`,
  /** Written for replicas to confirm. */
  confirmed: (channel: string) => `${channelTag(channel)}:confirmed`,
  dead: (channel: string) => `${channelTag(channel)}:dead`,
  quarantine: (channel: string) => `${channelTag(channel)}:quarantine`,
  account: (channel: string) => `${channelTag(channel)}:account`,
  /** `alias` is its name: Cipher.namesOf. */
  alias: (channel: string, alias: string) => `${channelTag(channel)}:alias:${alias}`,
  person: (channel: string, person: string) => `${channelTag(channel)}:person:${person}`,
  steps: (channel: string, eventId: string) => `${channelTag(channel)}:steps:${digest(eventId)}`,
  /** The same, from the event's eventKey. */
  stepsOf: (channel: string, event: string) => `${channelTag(channel)}:steps:${event}`,
  intent: (channel: string, id: string) => `${channelTag(channel)}:intent:${digest(id)}`,
  contact: (channel: string, person: string) => `${channelTag(channel)}:contact:${person}`,
  ticket: (channel: string, person: string) => `${channelTag(channel)}:ticket:${person}`,
  outbound: (channel: string, intent: string) => `${channelTag(channel)}:outbound:${intent}`,
  sent: (channel: string, messageId: string) => `${channelTag(channel)}:sent:${digest(messageId)}`,
  undelivered: (channel: string) => `${channelTag(channel)}:undelivered`,
  reply: (channel: string, intent: string) => `${channelTag(channel)}:reply:${intent}`,
  stop: (channel: string) => `${channelTag(channel)}:stop`,
  stoppedTemplate: (channel: string, { name, language }: { name: string; language: string }) =>
    `${channelTag(channel)}:stop:template:${name}:${language}`,
  templates: (channel: string) => `${channelTag(channel)}:templates`,
  templatesState: (channel: string) => `${channelTag(channel)}:templates:state`,
  templateNews: (channel: string, { name, language }: { name: string; language: string }) =>
    `${channelTag(channel)}:templates:news:${name}:${language}`,
  replies: (channel: string, month: string) => `${channelTag(channel)}:replies:${month}`,
  held: (channel: string, person: string) => `${channelTag(channel)}:stop:person:${person}`,
  consent: (channel: string, person: string, scope: ConsentScope) =>
    `${channelTag(channel)}:consent:${scope}:${person}`,
  pace: (channel: string) => `${channelTag(channel)}:pace`,
  personPace: (channel: string, person: string) => `${channelTag(channel)}:pace:${person}`,
  recording: (channel: string) => `${channelTag(channel)}:recording`,
  recordedInputs: (channel: string) => `${channelTag(channel)}:recording:inputs`,
  recordingKey: (channel: string) => `${channelTag(channel)}:recording:key`,
  audit: (channel: string) => `${channelTag(channel)}:audit`,
  auditHead: (channel: string) => `${channelTag(channel)}:audit:head`,
  trace: (channel: string) => `${channelTag(channel)}:trace`,
  reverse: (connection: string, ticketId: string) => `${connectionTag(connection)}:ticket:${ticketId}`,
  cursor: (connection: string) => `${connectionTag(connection)}:cursor`,
  lease: (connection: string) => `${connectionTag(connection)}:lease`,
  calls: (connection: string) => `${connectionTag(connection)}:calls`,
  callLine: (connection: string) => `${connectionTag(connection)}:calls:line`,
  /** Of no channel: what receipts of erasure name people by. */
  receiptKey: () => "{deskferry}:receipt-key",
  /** Of no channel: tells the name key from another. */
  nameKeyMark: () => "{deskferry}:name-key",
  tokens: () => "{deskferry}:tokens",
  tokensUsed: () => "{deskferry}:tokens:used",
  accountStop: (connection: string) => `${connectionTag(connection)}:stop`,
} as const;

/** Seconds for which a repeat is recognised: Meta repeats for 7 days. */
export const SEEN_SECONDS = 8 * 24 * 3600;
/** Seconds for which an outbound is known: templates may be delivered up to 30 days late. */
export const OUTBOUND_SECONDS = 35 * 24 * 3600;
/** Seconds for which the replies of a month are counted: until the month is over. */
export const REPLIES_SECONDS = 40 * 24 * 3600;
/** Seconds for which a template's news is known, should the account not be asked meanwhile. */
export const TEMPLATE_NEWS_SECONDS = 7 * 24 * 3600;
/** Seconds for which a reply is kept that may have to be sent again: receipts of a refusal come within minutes. */
export const REPLY_SECONDS = 24 * 3600;
