import type { StoppedTemplate } from "../domain/choose-template.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

const FIRST_PROBE_MS = 1000;
const LONGEST_PROBE_MS = 60_000;
/** Meta's first pause of a template (whatsapp: "template pausing"). Later ones are met again after a single refusal. */
const TEMPLATE_STOP_MS = 3 * 3_600_000;
const TEMPLATES_HELD_MS = 24 * 3_600_000;

/** Why nothing of a channel goes out. */
export interface ChannelStop {
  /** From the closed list of SendProblem. */
  reason: string;
  /** Plain words. */
  says: string;
}

/** How the provider said it. What only receipts tell, an accepted message does not disprove. */
export type StoppedBy = "answer" | "receipt";

export interface TemplateName {
  name: string;
  language: string;
}

/** What must not be sent for now, known to all workers. Times are milliseconds. */
export function createStops(redis: Redis) {
  const until = (key: string, now: number) => reasonUntil(redis, key, now);

  /** Who turned out to be somebody known already is stopped as them. A join in between costs one more refusal. */
  async function heldKey({ channel, person }: ConversationKey): Promise<string> {
    const other = await redis.hget(keys.person(channel, person), "sameAs");
    return other ? heldKey({ channel, person: other }) : keys.held(channel, person);
  }

  async function stopUntil(key: string, now: number, stop: { lastsMs: number; says: string }): Promise<void> {
    const { lastsMs, says } = stop;
    await redis
      .multi()
      .hset(key, { until: now + lastsMs, says })
      .pexpire(key, lastsMs)
      .exec();
  }

  return {
    /** Resolves with true for the one who stopped it, so that it is told once. */
    async stopChannel(channel: string, stop: ChannelStop & { by: StoppedBy }, now: number): Promise<boolean> {
      const key = keys.stop(channel);
      const results = await redis
        .multi()
        .hsetnx(key, "probeAt", now + FIRST_PROBE_MS)
        .hset(key, { ...stop, since: now })
        .exec();
      return results?.[0]?.[1] === 1;
    },
    /** `waitMs` 0: this one tries whether it is over; nobody else does for a while. Undefined: nothing is stopped. */
    async probe(channel: string, now: number): Promise<{ says: string; waitMs: number } | undefined> {
      const args = [keys.stop(channel), now, FIRST_PROBE_MS, LONGEST_PROBE_MS];
      const [says, waitMs] = (await runScript(redis, "probe", args)) as [string?, number?];
      return says === undefined ? undefined : { says, waitMs: waitMs ?? 0 };
    },
    /** What stopped the channel may just have been mended: the next message tries, however long it was to wait. */
    async probeNow(channel: string, now: number): Promise<void> {
      await runScript(redis, "probe-now", [keys.stop(channel), now]);
    },
    /** Milliseconds until the next probe; 0 when it is due, or nothing is stopped. */
    async waiting(channel: string, now: number): Promise<number> {
      const at = await redis.hget(keys.stop(channel), "probeAt");
      return at ? Math.max(0, Number(at) - now) : 0;
    },
    /** A message was taken, or refused for a reason of its own. True for the one who ended the stop. */
    async resumeAfterAnswer(channel: string): Promise<boolean> {
      const key = keys.stop(channel);
      return (await redis.hget(key, "by")) === "answer" && (await redis.del(key)) === 1;
    },
    /** A message that was sent at this time has gone out. True for the one who ended the stop. */
    async resumeAfterReceipt(channel: string, sentAt: number): Promise<boolean> {
      const key = keys.stop(channel);
      const since = await redis.hget(key, "since");
      return since !== null && Number(since) < sentAt && (await redis.del(key)) === 1;
    },
    async channel(channel: string): Promise<ChannelStop | undefined> {
      const [reason, says] = await redis.hmget(keys.stop(channel), "reason", "says");
      return reason ? { reason, says: says ?? "" } : undefined;
    },
    async stopTemplate(channel: string, template: TemplateName, stop: { says: string; now: number }) {
      const key = keys.stoppedTemplate(channel, template);
      await stopUntil(key, stop.now, { lastsMs: TEMPLATE_STOP_MS, says: stop.says });
    },
    /** The reason, while the template must not be sent. */
    template: (channel: string, template: TemplateName, now: number) =>
      until(keys.stoppedTemplate(channel, template), now),
    /** Those of these that must not be sent. */
    async templates(
      channel: string,
      templates: readonly TemplateName[],
      now: number,
    ): Promise<StoppedTemplate[]> {
      const reasons = await Promise.all(
        templates.map((template) => until(keys.stoppedTemplate(channel, template), now)),
      );
      return templates.flatMap(({ name, language }, index) => {
        const says = reasons[index];
        return says === undefined ? [] : [{ name, language, says }];
      });
    },
    /** WhatsApp says that it can be sent again. */
    async liftTemplate(channel: string, template: TemplateName): Promise<void> {
      await redis.del(keys.stoppedTemplate(channel, template));
    },
    async holdTemplates(key: ConversationKey, stop: { says: string; now: number }) {
      await stopUntil(await heldKey(key), stop.now, { lastsMs: TEMPLATES_HELD_MS, says: stop.says });
    },
    /** The reason, while no template may be sent to the person. */
    heldTemplates: async (key: ConversationKey, now: number) => until(await heldKey(key), now),
  };
}

async function reasonUntil(redis: Redis, key: string, now: number): Promise<string | undefined> {
  const [end, says] = await redis.hmget(key, "until", "says");
  return end && now < Number(end) ? (says ?? "") : undefined;
}
