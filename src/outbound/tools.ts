import type { ConversationKey } from "../domain/conversation.ts";
import type { CommentAdded, NoteRequested } from "../domain/event.ts";
import type { TraceEntry } from "../domain/trace.ts";
import type { DeliveryPatience } from "../domain/undelivered.ts";
import type { Mapper } from "../mapping/mapper.ts";
import type { Channel } from "../sdk/channel.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Connector } from "../sdk/connector.ts";
import type { ChannelStop } from "../store/stops.ts";
import type { Store } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { ReplyTemplate } from "./plan/facts.ts";
import type { SendNotes } from "./tell-staff.ts";

/** Everything that one route's way back to the person needs. */
export interface OutboundTools {
  channel: Channel;
  /** Only the files of replies are asked of it here. */
  connector: Pick<Connector, "fetchAttachment">;
  /** Where files rest on their way, and the largest that is carried, in bytes. */
  media: { folder: string; maxBytes: number };
  mapper: Pick<Mapper, "map">;
  /** Folder of the mapping files. */
  mapping: string;
  /** Whether the person sees blue ticks when staff reply. */
  marksReadOnReply: boolean;
  /** For staff replies outside the window; without it they are not sent, and staff are told. */
  replyTemplate: ReplyTemplate | undefined;
  /** That may stand in for the language a template is wished in, the best first. */
  templateLanguages: readonly string[];
  /** Which notes staff get about what was sent. */
  sendNotes: SendNotes;
  /** An unclear send is not tried a second time. */
  atMostOnce: boolean;
  /** Who asked for no more messages gets none but answers. */
  respectsOptOut: boolean;
  /** How long a message may stay without word that it was delivered. */
  patience: DeliveryPatience;
  /** How long the receipt of an unclear send is waited for. */
  receiptWaitMs: number;
  /** Meta's limit of the business number, in and out together. */
  messagesPerSecond: number;
  store: Pick<
    Store,
    "people" | "links" | "outbounds" | "undelivered" | "steps" | "stops" | "templates" | "pace" | "consents"
  >;
  metrics: Pick<
    Metrics,
    "sends" | "sendsPaced" | "readMarks" | "receipts" | "priced" | "problems" | "undelivered"
  >;
  clock: Clock;
  /** Has a remark written onto the conversation's ticket, once per id. */
  requestNote(conversation: ConversationKey, note: NoteRequested): Promise<void>;
  /** What waits for a later try, on its way to the person, is tried now. */
  hurry(conversation: ConversationKey): Promise<void>;
  /** Has a reply sent once more, as an event of its own. */
  requestReply(conversation: ConversationKey, event: CommentAdded): Promise<void>;
  /** The channel came to a stand, for an operator to mend, or goes on again. Told once each. */
  channelIs(state: "stopped" | "sending again", channel: string, stop?: ChannelStop): void;
  trace(entry: Omit<TraceEntry, "at">): void;
}
