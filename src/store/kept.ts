import { channelTag, keys, SEEN_SECONDS } from "./keys.ts";

/** Something signed that goes to no mailbox. */
export interface Kept {
  channel: string;
  /** `quarantine` waits for an operator; `account` is the recent news of the account. */
  list: "quarantine" | "account";
  /** Recognises repeats. */
  id: string;
  content: unknown;
}

const LIMITS = { quarantine: 0, account: 1000 } as const;

/** Arguments of keep.lua, after its command name. */
export function keepArguments({ channel, list, id, content }: Kept): (string | number)[] {
  const seen = keys.seen(channel, `${list}/${id}`);
  return [channelTag(channel), list, seen, SEEN_SECONDS, JSON.stringify(content), LIMITS[list]];
}
