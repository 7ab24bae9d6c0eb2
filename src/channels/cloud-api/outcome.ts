import type { ChannelEvent, Quarantined } from "../../sdk/index.ts";
import { asFields, type Fields } from "./fields.ts";
import type { Payload } from "./read-payload.ts";

/** What one item of a payload says: an event, or the reason for its quarantine (without personal data). */
export type Outcome<E> = { event: E } | Refusal;

type Refusal = Pick<Quarantined, "reason" | "isNew">;

/** What became of one item. */
export type Sorted = { event: ChannelEvent } | { quarantined: Quarantined };

/** Reads an item that is known to be an object. */
export type Reader = (item: Fields) => Outcome<WithoutAccount<ChannelEvent>>;

type WithoutAccount<E> = E extends unknown ? Omit<E, "accountId"> : never;

export function quarantine(reason: string, payload: unknown, accountId?: string): Sorted {
  return { quarantined: { reason, ...(accountId ? { accountId } : {}), payload } };
}

/** Reads one item on its own, so that an odd one never hides its neighbours. */
export function sortItem(item: unknown, read: Reader, from: { payload: Payload; accountId: string }): Sorted {
  const { payload, accountId } = from;
  const fields = asFields(item);
  if (!fields) return quarantine("item that is not an object", item, accountId);
  if (payload.isCut(fields)) return quarantine("nested too deeply", item, accountId);
  const outcome = readSafely(fields, read);
  return "reason" in outcome
    ? { quarantined: { ...outcome, accountId, payload: item } }
    : { event: { ...outcome.event, accountId } };
}

/** Meta repeats a whole batch for seven days when one item makes us fail, so a fault of ours must stay with its item. */
function readSafely(fields: Fields, read: Reader): ReturnType<Reader> {
  try {
    return read(fields);
  } catch (error) {
    return { reason: `the reader failed (${error instanceof Error ? error.name : "unknown"})` };
  }
}
