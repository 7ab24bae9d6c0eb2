import type { Config } from "../config/schema.ts";
import { type AuditDeed, type AuditHead, readEntry, sealEntry, trimming } from "../domain/audit.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Audits } from "../store/audits.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";

const DAY_MS = 86_400_000;

export interface AuditOptions {
  settings: Config["audit"];
  audits: Pick<Audits, "append" | "trim">;
  /** Who acts: `system`, or `user:` and a name. */
  by: string;
  clock: Clock;
  /** Of a running process; a command has none. */
  logger?: Logger;
  metrics?: Pick<Metrics, "auditFailed">;
}

export interface Audit {
  /**
   * Adds an entry to the log of each of these channels. What has the same `once` as in the last 8 days is there already.
   * Rejects when it cannot be written: for deeds that must not be done unrecorded.
   */
  record(channels: readonly string[], deed: AuditDeed, once?: string): Promise<void>;
  /** For what has happened already: an entry that cannot be written is an error in the log. Never rejects. */
  note(channels: readonly string[], deed: AuditDeed): Promise<void>;
  /** Removes what is older than the settings want it kept. */
  trim(channels: readonly string[]): Promise<void>;
}

/** Writes down what somebody may have to answer for. */
export function createAudit(options: AuditOptions): Audit {
  const { settings, audits, by, clock, logger, metrics } = options;

  const sealed = (channel: string, after: AuditHead | undefined, deed: AuditDeed) => {
    const at = new Date(clock.now()).toISOString();
    return sealEntry(channel, after, { ...deed, at, by, secret: settings.secret });
  };

  function log(channel: string, text: string): void {
    if (!settings.log) return;
    const { body: _, prev: __, key: ___, at, ...entry } = readEntry(text) ?? {};
    logger?.info("an entry of the audit log", { event: "audit", channel, ...entry });
  }

  async function record(channels: readonly string[], deed: AuditDeed, once?: string): Promise<void> {
    for (const channel of channels) {
      const added = await audits.append(channel, (after) => sealed(channel, after, deed), once);
      if (added) log(channel, added.text);
    }
  }

  return {
    record,
    async note(channels, deed) {
      try {
        await record(channels, deed);
      } catch (error) {
        metrics?.auditFailed.inc();
        const reason = error instanceof Error ? error.name : typeof error;
        logger?.error("an entry of the audit log could not be written", { what: deed.what, reason });
      }
    },
    async trim(channels) {
      // By whole days, so that a log that is written to all the time is trimmed once a day.
      const before = new Date(Math.floor(clock.now() / DAY_MS - settings.keepDays) * DAY_MS).toISOString();
      for (const channel of channels) {
        const isOld = (at: string) => at < before;
        await audits.trim(channel, isOld, (after, { last, count }) =>
          sealed(channel, after, trimming(last, count)),
        );
      }
    },
  };
}
