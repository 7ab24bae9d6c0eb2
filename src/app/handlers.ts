import type { Config, RouteConfig } from "../config/schema.ts";
import type { Event } from "../domain/event.ts";
import { createConsentReader } from "../domain/opt-out.ts";
import { eventKey, type TraceEntry } from "../domain/trace.ts";
import type { DeliveryPatience } from "../domain/undelivered.ts";
import { handleConsent } from "../inbound/handle-consent.ts";
import { handleMessages } from "../inbound/handle-messages.ts";
import { handleNote } from "../inbound/handle-note.ts";
import type { InboundTools } from "../inbound/tools.ts";
import { handleChange } from "../outbound/handle-change.ts";
import { handleComment } from "../outbound/handle-comment.ts";
import { handleReceipt } from "../outbound/handle-receipt.ts";
import { tellGivenUp } from "../outbound/tell-given-up.ts";
import { tellUndelivered } from "../outbound/tell-undelivered.ts";
import type { OutboundTools } from "../outbound/tools.ts";
import type { DrainTools, Handle } from "../queue/drain.ts";
import type { Intake } from "../queue/intake.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Place } from "../store/mailbox.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { callingFor } from "./calls/scope.ts";
import { leftOutNoter } from "./left-out.ts";
import { type Parts, partOf } from "./parts.ts";
import { type RecordOptions, recordInputs } from "./record-inputs.ts";

const HOUR_MS = 3_600_000;

export interface HandlerOptions {
  config: Config;
  parts: Parts;
  store: Store;
  intake: Intake;
  metrics: Metrics;
  logger: Logger;
  clock: Clock;
  /** Settles from where a connection's changes are read, if it can. Never rejects. */
  startPolling(connection: string): Promise<void>;
  /** Who waits for a later try is woken now. */
  hurry(place: Place): Promise<void>;
  trace(entry: Omit<TraceEntry, "at">): void;
}

/** One handler for all mailboxes: each event goes to its arrow, with its route's tools. */
export function createHandler(options: HandlerOptions): Handle {
  const tools = new Map(
    [...options.parts.routes.keys()].map((channel) => [
      channel,
      { inbound: inboundTools(channel, options), outbound: outboundTools(channel, options) },
    ]),
  );
  const handle: Handle = (event: Event, conversation, tries) => {
    const { inbound, outbound } = partOf(tools, conversation.channel);
    const key = { channel: conversation.channel, person: conversation.person };
    switch (event.type) {
      case "message.received":
        return handleMessages([event], key, tries, inbound);
      case "burst.received":
        return handleMessages(event.messages, key, tries, inbound);
      case "consent.changed":
        return handleConsent(event, key, inbound);
      case "note.requested":
        return handleNote(event, key, inbound);
      case "ticket.changed":
        return handleChange(event, key, outbound);
      case "comment.added":
        return handleComment(event, key, outbound);
      case "receipt.updated":
        return handleReceipt(event, key, outbound);
    }
  };
  return (event, ...rest) => callingFor(eventKey(event.id), () => handle(event, ...rest));
}

/** Tells staff of what became a dead letter although they count on it. */
export function createGivenUp({ store, intake, clock }: HandlerOptions): NonNullable<DrainTools["givenUp"]> {
  const requestNote = noteRequester(intake);
  return (event, conversation) => tellGivenUp(event, conversation, { requestNote, store, clock });
}

/** A round of looking for what was not delivered, through all channels. */
export function createUndeliveredRound({ parts, store, intake, clock, metrics }: HandlerOptions) {
  const requestNote = noteRequester(intake);
  return async (): Promise<void> => {
    for (const [channel, route] of parts.routes) {
      await tellUndelivered(channel, { patience: patienceOf(route), requestNote, store, clock, metrics });
    }
  };
}

function patienceOf({ undelivered }: RouteConfig): DeliveryPatience {
  return {
    tellAfterMs: undelivered.tellAfterHours * HOUR_MS,
    giveUpAfterMs: undelivered.giveUpAfterHours * HOUR_MS,
  };
}

function noteRequester(intake: Intake): OutboundTools["requestNote"] {
  return async ({ channel, person }, event) => {
    await intake.accept([{ deliver: { channel, lane: "in", event, person: { id: person } } }]);
  };
}

function recordOptions({ config, store, clock, logger }: HandlerOptions): RecordOptions {
  return { recording: config.recording, recordings: store.recordings, clock, logger };
}

function inboundTools(channel: string, options: HandlerOptions): InboundTools {
  const { config, parts, store, clock, trace } = options;
  const route = partOf(parts.routes, channel);
  return {
    channel: partOf(parts.channels, channel).channel,
    connector: partOf(parts.connectors, route.connection),
    connection: route.connection,
    startPolling: () => options.startPolling(route.connection),
    mapper: recordInputs(parts.mapper, channel, recordOptions(options)),
    mapping: route.mapping,
    reopenWithinMs: route.reopenWithinDays * 24 * HOUR_MS,
    readConsent: route.optOut.enabled ? createConsentReader(route.optOut.words) : undefined,
    marksRead: route.readMarks === "received",
    media: config.media,
    files: config.files,
    store,
    clock,
    noteLeftOut: leftOutNoter(route.connection, options),
    noteRefusedFile: (why) => options.metrics.filesRefused.inc({ channel, why }),
    trace,
  };
}

function outboundTools(channel: string, options: HandlerOptions): OutboundTools {
  const { config, parts, store, metrics, logger, clock, trace, intake } = options;
  const route = partOf(parts.routes, channel);
  return {
    channel: partOf(parts.channels, channel).channel,
    connector: partOf(parts.connectors, route.connection),
    media: config.media,
    mapper: recordInputs(parts.mapper, channel, recordOptions(options)),
    mapping: route.mapping,
    channelIs: (state, name, stop) => {
      const level = state === "stopped" ? "error" : "info";
      logger[level](`the channel is ${state}`, { channel: name, ...stop });
    },
    requestReply: async (conversation, event) => {
      const person = { id: conversation.person };
      await intake.accept([{ deliver: { channel: conversation.channel, lane: "out", event, person } }]);
    },
    marksReadOnReply: route.readMarks === "on_reply",
    replyTemplate: route.replyTemplate,
    templateLanguages: route.templateLanguages,
    sendNotes: route.sendNotes,
    atMostOnce: route.atMostOnce,
    respectsOptOut: route.optOut.enabled,
    patience: patienceOf(route),
    receiptWaitMs: config.queue.receiptWaitSeconds * 1000,
    messagesPerSecond: config.queue.messagesPerSecond,
    store,
    metrics,
    clock,
    trace,
    hurry: (conversation) => options.hurry({ ...conversation, lane: "out" }),
    requestNote: noteRequester(intake),
  };
}
