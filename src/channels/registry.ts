import type { ChannelDefinition } from "../sdk/index.ts";
import meta from "./meta/index.ts";

/** Channel types by the name that `type:` takes. */
export const channelTypes: Record<string, ChannelDefinition> = { meta };
