import { noCipher } from "../../src/store/cipher.ts";
import { channelTag } from "../../src/store/keys.ts";
import type { Holding } from "../../src/store/personal/holding.ts";
import { createPersonalData } from "../../src/store/personal/personal-data.ts";
import type { Subject } from "../../src/store/personal/subject.ts";
import { cipherWith } from "../support/ciphers.ts";
import { openRedis, uniqueChannel, uniqueConnection } from "../support/redis.ts";

/** Two channels, a connection, and what finds and removes personal data in them. */
export async function openPersonal({ encrypted = false } = {}) {
  const redis = await openRedis();
  const cipher = encrypted ? cipherWith(1) : noCipher;
  const [channel, other] = [uniqueChannel(redis), uniqueChannel(redis)];
  const connection = uniqueConnection(redis);
  const data = createPersonalData(redis, cipher);
  const find = (...subjects: Subject[]) => data.find(subjects, [connection]);
  return { redis, cipher, channel, other, connection, data, find };
}

/** Ada, unless told otherwise, of whom nothing more is known. */
export function subjectOf(channel: string, known: Partial<Omit<Subject, "channel">> = {}): Subject {
  return {
    ...{ channel, people: new Set(["ada"]), aliases: new Set(), phones: new Set(), userIds: new Set() },
    ...{ events: new Set(), tickets: new Set(), epoch: 0 },
    ...known,
  };
}

/** What was found, a line each: its kind, its key after the tag of its channel, and the part of it. */
export function linesOf(found: readonly Holding[]): string[] {
  return found.map(({ kind, key, part, subject }) => {
    const name = key.replace(`${channelTag(subject.channel)}:`, "");
    return [kind, name, ...(part ? [part.of, part.name] : [])].join(" ");
  });
}
