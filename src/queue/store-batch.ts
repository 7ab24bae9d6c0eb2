import type { Cipher } from "../store/cipher.ts";
import type { IntakeItem } from "../store/intake-item.ts";
import { type Kept, keepArguments } from "../store/kept.ts";
import {
  type Appended,
  appendArguments,
  assumedPerson,
  type Delivery,
  type Place,
  readAppended,
} from "../store/mailbox.ts";
import { scriptCommand } from "../store/scripts.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { WakeQueues } from "./wake-queues.ts";

/** What became of an item. Repeats are normal: they are known for 8 days. */
export interface Accepted {
  fresh: boolean;
  /** Our id of the person it concerns; absent for what goes to no mailbox. */
  person?: string;
}

/** Conversations remembered as awake; all are forgotten when there are more. */
const MOST_AWAKE = 10_000;

/**
 * Stores items of one channel in one MULTI or script, or rejects. Who is woken stands in the same transaction, but for those of
 * whom the last one told that others of theirs waited still: they are awake, and a wake job that nobody needs costs
 * more than all else. For whom that was wrong, and who turns out to be known under another id, is woken before this
 * resolves; should this process die in between, by the sweeper.
 */
export function createBatchStore(queues: WakeQueues, cipher: Cipher) {
  const awake = new Set<string>();

  /** Those in whose mailbox nothing waited before. */
  function remember(deliveries: Delivery[], appended: Appended[]): Map<string, Place> {
    if (awake.size > MOST_AWAKE) awake.clear();
    const asleep = new Map<string, Place>();
    for (const [index, { channel, lane }] of deliveries.entries()) {
      const { fresh = false, person = "", isFirst = false } = appended[index] ?? {};
      const place = { channel, lane, person };
      if (isFirst) asleep.set(nameOf(place), place);
      else if (fresh) awake.add(nameOf(place));
    }
    for (const name of asleep.keys()) awake.delete(name);
    return asleep;
  }

  /** What each script answered: first for each that is kept, then for all that is delivered. */
  async function write(channel: string, kept: Kept[], deliveries: Delivery[], woken: Iterable<Place>) {
    const multi = await queues.transaction(channel);
    for (const one of kept) multi.runCommand(scriptCommand("keep"), keepArguments(one, cipher));
    if (deliveries.length > 0) multi.runCommand(scriptCommand("append"), appendArguments(deliveries, cipher));
    for (const place of woken) await queues.addWake(multi, place);
    return resultsOf(await multi.exec(), queues);
  }

  return async (channel: string, items: IntakeItem[]): Promise<Accepted[]> => {
    const kept = items.flatMap((item) => ("keep" in item ? [item.keep] : []));
    const deliveries = items.flatMap((item) => ("deliver" in item ? [item.deliver] : []));
    const woken = placesOf(deliveries, cipher, awake);
    // A script is a transaction by itself.
    const isOneScript = kept.length === 0 && woken.size === 0;
    const results = isOneScript
      ? [await queues.append(appendArguments(deliveries, cipher))]
      : await write(channel, kept, deliveries, woken.values());
    crashPoint("intake.stored");
    const appended = deliveries.length > 0 ? readAppended(results[kept.length]) : [];
    const missed = remember(deliveries, appended);
    for (const name of woken.keys()) missed.delete(name);
    await wakeAll(queues, missed);
    return answersFor(items, results, appended);
  };
}

function nameOf({ channel, lane, person }: Place): string {
  return `${channel}/${lane}/${person}`;
}

/** The mailboxes that these will probably go to, without those whose conversation is awake. */
function placesOf(deliveries: Delivery[], cipher: Cipher, awake: ReadonlySet<string>): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const delivery of deliveries) {
    const { channel, lane } = delivery;
    const place = { channel, lane, person: assumedPerson(delivery, cipher) };
    if (!awake.has(nameOf(place))) places.set(nameOf(place), place);
  }
  return places;
}

async function wakeAll(queues: WakeQueues, places: ReadonlyMap<string, Place>): Promise<void> {
  const wakes = [...places.values()].map(({ channel, lane, person }) => queues.wake(channel, lane, [person]));
  await Promise.all(wakes);
}

/** What each command of the transaction answered; throws when one failed. */
function resultsOf(answers: [Error | null, unknown][] | null, queues: WakeQueues): unknown[] {
  if (!answers) throw new Error("Redis dropped the intake transaction");
  const failure = answers.find(([error]) => error !== null)?.[0];
  if (failure?.message.startsWith("NOSCRIPT")) queues.reconnect();
  if (failure) throw failure;
  return answers.map(([, result]) => result);
}

/** In the order of the items. `kept` holds what became of those that are kept, as its first elements. */
function answersFor(items: IntakeItem[], kept: unknown[], appended: Appended[]): Accepted[] {
  const [keptAnswers, appendedAnswers] = [kept.values(), appended.values()];
  return items.map((item) => {
    if ("keep" in item) return { fresh: keptAnswers.next().value === 1 };
    const { fresh = false, person = "" } = appendedAnswers.next().value ?? {};
    return { fresh, person };
  });
}
