import { eventKey, type TraceEntry } from "../domain/trace.ts";
import { createWakeQueues } from "../queue/wake-queues.ts";
import { connectRedis } from "../store/connection.ts";
import type { QuarantinedPart } from "../store/dead-letters.ts";
import type { DeadLetter } from "../store/letter.ts";
import { openCipher } from "../store/name-key.ts";
import { createStore } from "../store/store.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { createAudit } from "./audit.ts";
import { operator } from "./operator.ts";
import type { Settings } from "./settings.ts";

/** What operators do from the command line, on the Redis of the settings. `close` when done. */
export async function openOperations({ config }: Pick<Settings, "config">) {
  const redis = await connectRedis(config.redis, "operator");
  const channels = Object.keys(config.channels);
  const { deadLetters, traces, audits } = createStore(redis, await openCipher(redis, config.encryption));
  const audit = createAudit({ settings: config.audit, audits, by: operator(), clock: { now: Date.now } });
  const queues = createWakeQueues(redis, channels);
  return {
    channels,
    deadLetters,
    /** Write down before it is done what somebody may have to answer for. */
    audit,
    /** Steps of an event, oldest first; `id` is the provider's id or the event as log lines name it. */
    async trace(id: string): Promise<TraceEntry[]> {
      const event = /^[0-9a-f]{20}$/.test(id) ? id : eventKey(id);
      const entries = await Promise.all(channels.map((channel) => traces.of(channel, event)));
      return entries.flat();
    },
    /** Forgets a dead letter for good; false when it was not there. */
    async discard(channel: string, id: string): Promise<boolean> {
      const letter = await deadLetters.find(channel, id);
      if (!letter) return false;
      await audit.record([channel], { what: "dead.discarded", detail: told(letter) });
      return deadLetters.discard(channel, id);
    },
    /** All that is in quarantine, which is personal. */
    async showQuarantine(channel: string): Promise<QuarantinedPart[]> {
      const parts = await deadLetters.quarantine(channel);
      const detail = { payloads: String(parts.length) };
      if (parts.length > 0) await audit.record([channel], { what: "quarantine.shown", detail });
      return parts;
    },
    /** Forgets what is in quarantine now; resolves with how much that was. */
    async clearQuarantine(channel: string): Promise<number> {
      const count = await deadLetters.quarantined(channel);
      const detail = { payloads: String(count) };
      if (count > 0) await audit.record([channel], { what: "quarantine.cleared", detail });
      await deadLetters.clearQuarantine(channel, count);
      return count;
    },
    /** Puts a dead letter back and wakes its conversation; false when it was not there. */
    async replay(channel: string, id: string): Promise<boolean> {
      const found = await deadLetters.find(channel, id);
      if (!found) return false;
      await audit.record([channel], { what: "dead.replayed", detail: told(found) });
      const letter = await deadLetters.replay(channel, id);
      crashPoint("letter.replayed");
      if (letter) await queues.wake(channel, letter.lane, [letter.person]);
      return letter !== undefined;
    },
    async close(): Promise<void> {
      await queues.close();
      redis.disconnect();
    },
  };
}

function told({ id, lane, person, kind, event }: DeadLetter): Record<string, string> {
  return { letter: id, event: eventKey(event.id), type: event.type, lane, person, kind };
}

export type Operations = Awaited<ReturnType<typeof openOperations>>;
