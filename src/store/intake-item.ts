import type { Kept } from "./kept.ts";
import type { Delivery } from "./mailbox.ts";

/** One thing to take in: an event for a mailbox, or something to keep. */
export type IntakeItem = { deliver: Delivery } | { keep: Kept };
