import type { IntakeItem } from "../store/intake-item.ts";
import { keepArguments } from "../store/kept.ts";
import { appendArguments, assumedPerson, type Place } from "../store/mailbox.ts";
import { scriptCommand } from "../store/scripts.ts";
import type { WakeQueues } from "./wake-queues.ts";

/** What one webhook, poll or handler hands over. Either all of it is stored, or the promise rejects. */
export interface Intake {
  accept(items: IntakeItem[]): Promise<Accepted[]>;
}

/** What became of an item. Repeats are normal: they are known for 8 days. */
export interface Accepted {
  fresh: boolean;
  /** Our id of the person it concerns; absent for what goes to no mailbox. */
  person?: string;
}

interface Waiting {
  item: IntakeItem;
  resolve(accepted: Accepted): void;
  reject(reason: unknown): void;
}

/**
 * Durable intake. All that arrives within one turn of the event loop shares one MULTI per channel (measured: as much
 * again in throughput, with no latency added). The webhook is answered only after EXEC.
 */
export function createIntake(queues: WakeQueues): Intake {
  let waiting: Waiting[] = [];

  function flush(): void {
    const byChannel = new Map<string, Waiting[]>();
    for (const one of waiting) {
      const batch = byChannel.get(channelOf(one.item));
      if (batch) batch.push(one);
      else byChannel.set(channelOf(one.item), [one]);
    }
    waiting = [];
    for (const [channel, batch] of byChannel) {
      storeBatch(queues, channel, batch).catch((reason: unknown) => {
        for (const one of batch) one.reject(reason);
      });
    }
  }

  function take(item: IntakeItem): Promise<Accepted> {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ item, resolve, reject });
    });
  }

  return { accept: (items) => Promise.all(items.map(take)) };
}

function channelOf(item: IntakeItem): string {
  return "deliver" in item ? item.deliver.channel : item.keep.channel;
}

async function storeBatch(queues: WakeQueues, channel: string, batch: Waiting[]): Promise<void> {
  const multi = await queues.transaction(channel);
  const places = new Map<string, Place>();
  for (const { item } of batch) {
    if ("keep" in item) {
      multi.runCommand(scriptCommand("keep"), keepArguments(item.keep));
    } else {
      multi.runCommand(scriptCommand("append"), appendArguments(item.deliver));
      const place = { channel, lane: item.deliver.lane, person: assumedPerson(item.deliver) };
      places.set(`${place.lane}/${place.person}`, place);
    }
  }
  for (const place of places.values()) await queues.addWake(multi, place);
  const results = await multi.exec();
  if (!results) throw new Error("Redis dropped the intake transaction");
  for (const [error] of results) if (error) throw error;
  const accepted = batch.map(({ item }, index) => toAccepted(item, results[index]?.[1]));
  await wakeRenamed(queues, batch, accepted);
  batch.forEach(({ resolve }, index) => {
    resolve(accepted[index] ?? { fresh: false });
  });
}

function toAccepted(item: IntakeItem, result: unknown): Accepted {
  if ("keep" in item) return { fresh: result === 1 };
  const [fresh, person] = result as [number, string];
  return { fresh: fresh === 1, person };
}

/** Who was already known under another id has a mailbox that the transaction's wake jobs did not name. */
async function wakeRenamed(queues: WakeQueues, batch: Waiting[], accepted: Accepted[]): Promise<void> {
  for (const [index, { item }] of batch.entries()) {
    const person = accepted[index]?.person;
    if ("keep" in item || person === undefined || person === assumedPerson(item.deliver)) continue;
    await queues.wake(item.deliver.channel, item.deliver.lane, [person]);
  }
}
