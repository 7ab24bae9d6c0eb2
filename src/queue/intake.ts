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
 * Durable intake. All that arrives within one turn of the event loop shares one MULTI per channel: fewer round trips
 * under load, and no timer to wait for. The webhook is answered only after EXEC.
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
  for (const { item } of batch) {
    if ("keep" in item) multi.runCommand(scriptCommand("keep"), keepArguments(item.keep));
    else multi.runCommand(scriptCommand("append"), appendArguments(item.deliver));
  }
  const assumed = placesOf(
    batch,
    batch.map(({ item }) => ("deliver" in item ? assumedPerson(item.deliver) : undefined)),
  );
  for (const place of assumed.values()) await queues.addWake(multi, place);
  const results = resultsOf(await multi.exec(), queues);
  const accepted = batch.map(({ item }, index) => toAccepted(item, results[index]));

  // Who was already known under another id has a mailbox that the transaction's wake jobs did not name.
  const actual = placesOf(
    batch,
    accepted.map(({ person }) => person),
  );
  const missed = [...actual].filter(([name]) => !assumed.has(name)).map(([, place]) => place);
  await Promise.all(missed.map(({ lane, person }) => queues.wake(channel, lane, [person])));
  batch.forEach(({ resolve }, index) => {
    resolve(accepted[index] ?? { fresh: false });
  });
}

/** The mailboxes of a batch whose items concern these people, by a name that tells each from the others. */
function placesOf(batch: Waiting[], people: (string | undefined)[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [index, { item }] of batch.entries()) {
    const person = people[index];
    if ("keep" in item || person === undefined) continue;
    const { channel, lane } = item.deliver;
    places.set(`${lane}/${person}`, { channel, lane, person });
  }
  return places;
}

/** What each command of the transaction answered; throws when one failed. */
function resultsOf(answers: [Error | null, unknown][] | null, queues: WakeQueues): unknown[] {
  if (!answers) throw new Error("Redis dropped the intake transaction");
  const failure = answers.find(([error]) => error !== null)?.[0];
  if (failure?.message.startsWith("NOSCRIPT")) queues.reconnect();
  if (failure) throw failure;
  return answers.map(([, result]) => result);
}

function toAccepted(item: IntakeItem, result: unknown): Accepted {
  if ("keep" in item) return { fresh: result === 1 };
  const [fresh, person] = result as [number, string];
  return { fresh: fresh === 1, person };
}
