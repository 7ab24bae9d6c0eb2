import type { Cipher } from "../cipher.ts";
import { keys } from "../keys.ts";
import type { Redis } from "../redis.ts";
import { findInCollections } from "./collections.ts";
import { findDerived } from "./derived.ts";
import { type Holding, kinds } from "./holding.ts";
import { findKeys, findWaysBack } from "./keyspace.ts";
import type { Subject } from "./subject.ts";

/**
 * Everything that Redis holds of these people, in the order of `kinds`. Reads all keys once, in small bites: others go on
 * meanwhile, so that what is written during it may be missed. Fills in what else the subjects are known by.
 */
export async function findHoldings(
  { redis, cipher }: { redis: Redis; cipher: Cipher },
  subjects: readonly Subject[],
  connections: readonly string[],
): Promise<Holding[]> {
  for (const subject of subjects) await noteTickets(redis, subject);
  const found = await findWaysBack(redis, subjects);
  for (const channel of new Set(subjects.map((subject) => subject.channel))) {
    const ofChannel = subjects.filter((subject) => subject.channel === channel);
    found.push(...(await findInCollections({ redis, cipher }, ofChannel)));
  }
  found.push(...(await findKeys(redis, subjects)));
  found.push(...(await findDerived({ redis, cipher }, found, { subjects, connections })));
  return inOrder(found);
}

async function noteTickets(redis: Redis, subject: Subject): Promise<void> {
  for (const person of subject.people) {
    const [id, epoch] = await redis.hmget(keys.ticket(subject.channel, person), "id", "epoch");
    if (id) subject.tickets.add(id);
    subject.epoch = Math.max(subject.epoch, Number(epoch ?? 0));
  }
}

/** Each once: a walk through keys may come by one twice. */
function inOrder(found: readonly Holding[]): Holding[] {
  const once = new Map(
    found.map((one) => [
      `${one.key} ${one.part?.name ?? ""} ${one.subject.channel} ${[...one.subject.people][0]}`,
      one,
    ]),
  );
  return [...once.values()].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}
