import type { ChannelDefinition } from "../sdk/index.ts";
import dialog360 from "./dialog360/index.ts";
import meta from "./meta/index.ts";
import twilio from "./twilio/index.ts";

/** Channel types by the name that `type:` takes. */
export const channelTypes: Record<string, ChannelDefinition> = { meta, dialog360, twilio };
