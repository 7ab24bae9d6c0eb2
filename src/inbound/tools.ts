import type { ReadConsent } from "../domain/opt-out.ts";
import type { TraceEntry } from "../domain/trace.ts";
import type { Mapper } from "../mapping/mapper.ts";
import type { Channel } from "../sdk/channel.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Connector } from "../sdk/connector.ts";
import type { Store } from "../store/store.ts";
import type { FilePolicy } from "./inspect-file.ts";

/** Everything that one route's way into the helpdesk needs. */
export interface InboundTools {
  channel: Channel;
  connector: Connector;
  connection: string;
  /** Settles from where the helpdesk's changes are read, if it can: before a ticket is made that staff may answer. Never rejects. */
  startPolling(): Promise<void>;
  mapper: Pick<Mapper, "map">;
  /** Folder of the mapping files. */
  mapping: string;
  /** A message within this time after closing reopens the ticket; later ones open another. */
  reopenWithinMs: number;
  /** Undefined: the route knows no opt-out. */
  readConsent: ReadConsent | undefined;
  /** Whether the person sees blue ticks once the message stands in the helpdesk. */
  marksRead: boolean;
  media: { folder: string; maxBytes: number };
  files: FilePolicy;
  store: Pick<Store, "people" | "links" | "intents" | "steps" | "consents">;
  clock: Clock;
  /** The mapping gave a new ticket these fields, for which the helpdesk has no place. */
  noteLeftOut(fields: readonly string[]): void;
  /** A file was not carried over: a kind of danger, or empty. */
  noteRefusedFile(why: string): void;
  trace(entry: Omit<TraceEntry, "at">): void;
}
