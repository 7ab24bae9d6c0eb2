import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { MessageReceived, Messages, NoteRequested } from "../../src/domain/event.ts";
import { type Danger, dangers } from "../../src/domain/file-danger.ts";
import { createConsentReader } from "../../src/domain/opt-out.ts";
import { personIdOf } from "../../src/domain/person.ts";
import type { TraceEntry } from "../../src/domain/trace.ts";
import { handleMessages } from "../../src/inbound/handle-messages.ts";
import { handleNote } from "../../src/inbound/handle-note.ts";
import type { ScannerSettings } from "../../src/inbound/scan-file.ts";
import type { InboundTools } from "../../src/inbound/tools.ts";
import { channelTag } from "../../src/store/keys.ts";
import { appendArguments, type Delivery } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { messageReceived, person } from "../support/builders.ts";
import { createClock, type TestClock } from "../support/clock.ts";
import { createFakeChannel, type FakeChannel } from "../support/fake-channel.ts";
import { createFakeHelpdesk, type FakeHelpdesk, type FakeHelpdeskOptions } from "../support/fake-helpdesk.ts";
import { createFakeMapper, type FakeMapper, type Rules } from "../support/fake-mapper.ts";
import { openRedis, removeKeys, uniqueChannel, uniqueConnection } from "../support/redis.ts";

export const DAY_MS = 24 * 3_600_000;

export interface InboundSetup {
  /** The conversation of person(1). */
  key: ConversationKey;
  tools: InboundTools;
  clock: TestClock;
  desk: FakeHelpdesk;
  whatsapp: FakeChannel;
  mapper: FakeMapper;
  store: Store;
  traces: Omit<TraceEntry, "at">[];
  /** What was told of fields that the helpdesk has no place for. */
  leftOut: string[][];
  /** Why files were not carried over. */
  refused: string[];
  /** Taken in as a webhook brings it; resolves with what the mailbox then holds. */
  accept(event: MessageReceived): Promise<MessageReceived>;
  /** Accepted and handled, as if `tries` times before without success. */
  receive(event?: MessageReceived, tries?: number): Promise<MessageReceived>;
  handle(event: MessageReceived, tries?: number): Promise<void>;
  /** Several that waited together, handled as one. */
  handleTogether(events: Messages, tries?: number): Promise<void>;
  note(event: NoteRequested): Promise<void>;
  /** Forgets everything that Redis held of this channel. */
  loseRedis(): Promise<void>;
  /** Names of the files on our disk now. */
  filesOnDisk(): Promise<string[]>;
}

export interface SetupOptions extends Omit<FakeHelpdeskOptions, "clock"> {
  reopenWithinMs?: number;
  rules?: Partial<Rules>;
  mediaBytes?: number;
  marksRead?: boolean;
  /** All of them unless given. */
  refuse?: readonly Danger[];
  stripMetadata?: boolean;
  scan?: ScannerSettings;
}

/** The way in on real Redis, with both sides in memory. */
export async function setUpInbound(options: SetupOptions = {}): Promise<InboundSetup> {
  const redis = await openRedis();
  const store = createStore(redis);
  const clock = createClock();
  const desk = createFakeHelpdesk({ ...options, clock });
  const whatsapp = createFakeChannel({ clock });
  const mapper = createFakeMapper(options.rules);
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-media-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const traces: InboundSetup["traces"] = [];
  const leftOut: InboundSetup["leftOut"] = [];
  const refused: string[] = [];
  const key = { channel: uniqueChannel(redis), person: personIdOf(`user:${person(1).userId}`) };
  const tools: InboundTools = {
    channel: whatsapp.channel,
    connector: desk.connector,
    connection: uniqueConnection(redis),
    startPolling: async () => undefined,
    mapper,
    mapping: "mappings/test",
    reopenWithinMs: options.reopenWithinMs ?? 7 * DAY_MS,
    readConsent: createConsentReader({ stop: [], start: [] }),
    marksRead: options.marksRead ?? false,
    media: { folder, maxBytes: options.mediaBytes ?? 1024 * 1024 },
    files: {
      refuse: options.refuse ?? dangers,
      stripMetadata: options.stripMetadata ?? false,
      scan: options.scan,
    },
    store,
    clock,
    noteLeftOut: (fields) => void leftOut.push([...fields]),
    noteRefusedFile: (why) => void refused.push(why),
    trace: (entry) => void traces.push(entry),
  };
  const handleTogether = (events: Messages, tries = 0) => handleMessages(events, key, tries, tools);
  const handle = (event: MessageReceived, tries = 0) => handleTogether([event], tries);
  async function accept(event: MessageReceived): Promise<MessageReceived> {
    const delivery: Delivery = { channel: key.channel, lane: "in", event, person: { seen: event.person } };
    await runScript(redis, "append", appendArguments(delivery));
    return event;
  }
  return {
    key,
    tools,
    clock,
    desk,
    whatsapp,
    mapper,
    store,
    traces,
    leftOut,
    refused,
    accept,
    handle,
    handleTogether,
    receive: async (event = messageReceived({ at: clock.iso() }), tries = 0) => {
      await handle(await accept(event), tries);
      return event;
    },
    note: (event) => handleNote(event, key, tools),
    loseRedis: () => removeKeys(redis, `${channelTag(key.channel)}:*`),
    filesOnDisk: () => readdir(folder),
  };
}
