import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { type ConversationKey, ticketExternalId } from "../../src/domain/conversation.ts";
import type {
  CommentAdded,
  HelpdeskEvent,
  NoteRequested,
  ReceiptUpdated,
  TicketChanged,
} from "../../src/domain/event.ts";
import { personIdOf } from "../../src/domain/person.ts";
import { eventKey, type TraceEntry } from "../../src/domain/trace.ts";
import { handleChange } from "../../src/outbound/handle-change.ts";
import { handleComment } from "../../src/outbound/handle-comment.ts";
import { handleReceipt } from "../../src/outbound/handle-receipt.ts";
import type { OutboundTools } from "../../src/outbound/tools.ts";
import { appendArguments } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { messageReceived, person, receiptUpdated } from "../support/builders.ts";
import { createClock, type TestClock } from "../support/clock.ts";
import { createFakeChannel, type FakeChannel, type Taken } from "../support/fake-channel.ts";
import { createFakeFiles, type FakeFiles } from "../support/fake-files.ts";
import { createFakeMapper, type FakeMapper, type Rules } from "../support/fake-mapper.ts";
import { openRedis, uniqueChannel, uniqueConnection } from "../support/redis.ts";

export const RECEIPT_WAIT_MS = 120_000;
export const TICKET = "ticket-1";

export interface OutboundSetup {
  /** The conversation of person(1), who has ticket TICKET. */
  key: ConversationKey;
  connection: string;
  tools: OutboundTools;
  clock: TestClock;
  whatsapp: FakeChannel;
  /** The files of replies. */
  helpdesk: FakeFiles;
  filesOnDisk(): Promise<string[]>;
  mapper: FakeMapper;
  store: Store;
  traces: Omit<TraceEntry, "at">[];
  /** Remarks for staff, each id once, as the intake would take them. */
  notes: Map<string, NoteRequested>;
  /** Replies to be sent once more, each id once, as the intake would take them. */
  again: Map<string, CommentAdded>;
  /** What operators were told of the channel. */
  told: string[];
  /** People whose replies were to be tried at once. */
  hurried: string[];
  /** The person writes now, or at a time in the past that arrives now. */
  write(sentAt?: string): Promise<void>;
  comment(event: CommentAdded): Promise<void>;
  change(event: TicketChanged): Promise<void>;
  receipt(event: ReceiptUpdated): Promise<void>;
  /** A receipt of a message that WhatsApp took. */
  receiptOf(taken: Taken | undefined, state?: ReceiptUpdated["receipt"]["state"]): Promise<void>;
}

export interface SetupOptions {
  rules?: Partial<Rules>;
  tools?: Partial<OutboundTools>;
}

/** The way back on real Redis, with WhatsApp in memory. The person has just written, so the window is open. */
export async function setUpOutbound({ rules, tools: given }: SetupOptions = {}): Promise<OutboundSetup> {
  const redis = await openRedis();
  const store = createStore(redis);
  const clock = createClock();
  const whatsapp = createFakeChannel({ clock });
  const helpdesk = createFakeFiles({ clock });
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-replies-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const mapper = createFakeMapper(rules);
  const connection = uniqueConnection(redis);
  const key = { channel: uniqueChannel(redis), person: personIdOf(`user:${person(1).userId}`) };
  const traces: OutboundSetup["traces"] = [];
  const notes: OutboundSetup["notes"] = new Map();
  const again: OutboundSetup["again"] = new Map();
  const told: string[] = [];
  const hurried: string[] = [];
  const tools: OutboundTools = {
    channel: whatsapp.channel,
    connector: helpdesk.connector,
    media: { folder, maxBytes: 100 * 1024 * 1024 },
    mapper,
    mapping: "mappings/test",
    marksReadOnReply: false,
    replyTemplate: { name: "staff_reply", language: "en", parameters: ["text"] },
    templateLanguages: [],
    sendNotes: "problems",
    atMostOnce: false,
    respectsOptOut: true,
    patience: { tellAfterMs: 24 * 3_600_000, giveUpAfterMs: 720 * 3_600_000 },
    receiptWaitMs: RECEIPT_WAIT_MS,
    messagesPerSecond: 80,
    store,
    metrics: createMetrics(),
    clock,
    hurry: async ({ person }) => void hurried.push(person),
    requestNote: async (_conversation, note) => void notes.set(note.id, notes.get(note.id) ?? note),
    requestReply: async (_conversation, event) => void again.set(event.id, again.get(event.id) ?? event),
    channelIs: (state, _channel, stop) => void told.push(stop ? `${state}: ${stop.reason}` : state),
    trace: (entry) => void traces.push(entry),
    ...given,
  };

  async function write(sentAt = clock.iso()): Promise<void> {
    const event = messageReceived({ at: sentAt });
    const delivery = { channel: key.channel, lane: "in", event, person: { seen: event.person } } as const;
    await runScript(redis, "append", appendArguments(delivery));
  }

  await write();
  await store.links.saveTicket(key, connection, { id: TICKET, epoch: 1, status: "open" });
  const receipt = (event: ReceiptUpdated) => handleReceipt(event, key, tools);
  return {
    key,
    connection,
    tools,
    clock,
    whatsapp,
    helpdesk,
    filesOnDisk: () => readdir(folder),
    mapper,
    store,
    traces,
    notes,
    again,
    told,
    hurried,
    write,
    comment: (event) => handleComment(event, key, tools),
    change: (event) => handleChange(event, key, tools),
    receipt,
    receiptOf: (taken, state = "delivered") =>
      receipt(
        receiptUpdated({
          at: clock.iso(),
          receipt: {
            messageId: taken?.messageId ?? "wamid.none",
            state,
            ...(taken ? { callbackData: taken.callbackData } : {}),
          },
        }),
      ),
  };
}

/** The ticket as a helpdesk sends it along. */
export function ticketOf(key: ConversationKey) {
  return { id: TICKET, externalId: ticketExternalId(key, 1), status: "open" as const };
}

/** Id of the first message that an event makes us send. */
export function intentOf(event: HelpdeskEvent, part: number | "template" = 0): string {
  return `${eventKey(event.id)}-${part}`;
}
