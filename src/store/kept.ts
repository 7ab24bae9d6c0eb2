import { type Cipher, noCipher } from "./cipher.ts";
import { channelTag, keys, SEEN_SECONDS } from "./keys.ts";
import { where } from "./where.ts";

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
export function keepArguments(
  { channel, list, id, content }: Kept,
  cipher: Cipher = noCipher,
): (string | number)[] {
  const seen = keys.seen(channel, `${list}/${id}`);
  const text = cipher.encrypt(JSON.stringify(content), where.kept(channel, list));
  return [channelTag(channel), list, seen, SEEN_SECONDS, text, LIMITS[list]];
}
