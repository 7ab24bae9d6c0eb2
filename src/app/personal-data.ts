import { isUserId, type Person } from "../domain/person.ts";
import { toE164 } from "../domain/phone.ts";
import { createWakeQueues } from "../queue/wake-queues.ts";
import { connectRedis } from "../store/connection.ts";
import { openCipher } from "../store/name-key.ts";
import type { Kind } from "../store/personal/holding.ts";
import { createPersonalData } from "../store/personal/personal-data.ts";
import { createStore } from "../store/store.ts";
import { createAudit } from "./audit.ts";
import { type EraseOptions, erase } from "./erase.ts";
import { operator } from "./operator.ts";
import type { Settings } from "./settings.ts";
import { verifyReceipt } from "./verify-receipt.ts";

/** A person as an operator names them: a phone number with country code, or a user id. Undefined for anything else. */
export function personNamed(text: string): Person | undefined {
  const value = text.trim();
  if (isUserId(value)) return { userId: value };
  const phone = toE164(value);
  return phone ? { phone } : undefined;
}

/** What is held of a person, by channel and kind. Personal. */
export type Exported = Record<string, Partial<Record<Kind, { key: string; value: unknown }[]>>>;

/** What Redis holds of single people, on the Redis of the settings. `close` when done. */
export async function openPersonalData({ config }: Pick<Settings, "config">) {
  const redis = await connectRedis(config.redis, "worker");
  const data = createPersonalData(redis, await openCipher(redis, config.encryption));
  const configured = Object.keys(config.channels);
  const channels = [...new Set([...configured, ...(await data.channels())])].sort();
  const connections = Object.keys(config.connections);
  const queues = createWakeQueues(redis, channels);
  const { audits } = createStore(redis);
  const audit = createAudit({ settings: config.audit, audits, by: operator(), clock: { now: Date.now } });
  const connectionOf = (channel: string) =>
    config.routes.find((route) => route.channel === channel)?.connection ?? "";

  return {
    async export(person: Person): Promise<Exported> {
      const [subjects = []] = await data.subjects([person], channels);
      const exported: Exported = {};
      const found = [...(await data.find(subjects, connections)), ...(await data.findInAudit(subjects))];
      const detail = { person: await data.nameInReceipts(person) };
      await audit.record(configured, { what: "person.exported", detail });
      for (const holding of found) {
        const { kind, key, subject } = holding;
        const ofChannel = exported[subject.channel] ?? {};
        exported[subject.channel] = ofChannel;
        ofChannel[kind] = [...(ofChannel[kind] ?? []), { key, value: await data.read(holding) }];
      }
      return exported;
    },
    /** Resolves with a receipt for each, in this order. */
    erase: (people: readonly Person[], options: EraseOptions) =>
      erase(people, { data, queues, audit, configured, channels, connections, connectionOf }, options),
    verifyReceipt: (text: string, people: readonly Person[]) =>
      verifyReceipt(text, people, { data, audits, configured, channels, connections }),
    async close(): Promise<void> {
      await queues.close();
      redis.disconnect();
    },
  };
}
