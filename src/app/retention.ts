import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Audit } from "./audit.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface RetentionOptions {
  config: Pick<Config, "retention" | "media">;
  store: Pick<Store, "deadLetters" | "traces">;
  audit: Pick<Audit, "record">;
  metrics: Pick<Metrics, "expired">;
  logger: Logger;
  clock: Clock;
}

/** A round of removing what is older than the settings want it kept. What Redis lets expire by itself is not here. */
export function createRetention(options: RetentionOptions, channels: readonly string[]) {
  const { config, store, clock } = options;
  const { deadLetterDays, quarantineDays, traceDays, mediaHours } = config.retention;
  const before = (ms: number) => clock.now() - ms;
  const iso = (ms: number) => new Date(ms).toISOString();
  return async (): Promise<void> => {
    for (const channel of channels) {
      const letters = await store.deadLetters.expire(channel, iso(before(deadLetterDays * DAY_MS)));
      await tell(options, channel, "dead", letters);
      const payloads = await dropQuarantined(store, channel, iso(before(quarantineDays * DAY_MS)));
      await tell(options, channel, "quarantine", payloads);
      await store.traces.trim(channel, before(traceDays * DAY_MS));
    }
    await removeLeftFiles(config.media.folder, before(mediaHours * HOUR_MS));
  };
}

/** Nobody has seen to these in time: that is worth a line and an entry of the audit log. */
async function tell(
  { audit, metrics, logger }: RetentionOptions,
  channel: string,
  what: "dead" | "quarantine",
  count: number,
): Promise<void> {
  if (count === 0) return;
  metrics.expired.inc({ channel, what }, count);
  logger.warn("what nobody saw to has become too old and is gone", { channel, what, count });
  await audit.record([channel], { what: `${what}.expired`, detail: { count: String(count) } });
}

/** From the oldest on, up to one that is younger. One of a version without times goes with the next that has one. */
async function dropQuarantined(
  { deadLetters }: Pick<Store, "deadLetters">,
  channel: string,
  before: string,
): Promise<number> {
  const parts = await deadLetters.quarantine(channel);
  const young = parts.findIndex(({ at }) => at !== undefined && at >= before);
  const candidates = young === -1 ? parts : parts.slice(0, young);
  const count = candidates.findLastIndex(({ at }) => at !== undefined) + 1;
  return count > 0 && (await deadLetters.dropQuarantined(channel, { count, of: parts.length })) ? count : 0;
}

/** Names that we give to files: a digest, with or without what follows while it is written. */
const OURS = /^[0-9a-f]{16,64}(\.part)?$/;

async function removeLeftFiles(folder: string, before: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => OURS.test(each))) {
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() && found.mtimeMs < before) await rm(file, { force: true });
  }
}
