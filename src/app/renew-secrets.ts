import { isDeepStrictEqual } from "node:util";
import { ConfigError } from "../config/errors.ts";
import type { OpenConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { asFailure } from "../domain/failure.ts";
import type { WakeQueues } from "../queue/wake-queues.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Cipher } from "../store/cipher.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Audit } from "./audit.ts";
import { channelsOf } from "./audited-store.ts";
import type { BackgroundJob } from "./background.ts";
import type { ConnectionGuard } from "./calls/guard.ts";
import type { Parts, Renewed } from "./parts.ts";

export interface RenewOptions {
  secrets: Pick<OpenConfig, "secretFiles" | "reload">;
  config: Config;
  parts: Pick<Parts, "renew" | "routes">;
  guards: ReadonlyMap<string, Pick<ConnectionGuard, "mended">>;
  store: Pick<Store, "stops">;
  cipher: Pick<Cipher, "renew">;
  queues: Pick<WakeQueues, "hurry">;
  metrics: Pick<Metrics, "secretChanges">;
  audit: Pick<Audit, "note">;
  logger: Logger;
  clock: Clock;
}

const EVERY_MS = 2000;
/** The log has all of it. */
const MOST_OF_REASON = 300;

/**
 * Looks whether the secret files hold something else, and goes on with that: channels and connections are built anew
 * behind those in use, and what waited because of the old secrets is tried at once. What cannot be used is refused, and
 * the old goes on.
 */
export function renewSecrets(options: RenewOptions): BackgroundJob {
  const { secrets, logger, metrics, audit } = options;
  let current = options.config;
  return {
    name: "secrets",
    everyMs: EVERY_MS,
    async run() {
      if (!(await secrets.secretFiles.haveChanged())) return;
      const taken = take(options);
      if ("refused" in taken) {
        metrics.secretChanges.inc({ outcome: "refused" });
        logger.error("the new secrets cannot be used; the old ones stay in use", { reason: taken.refused });
        const detail = { reason: taken.refused.join("; ").slice(0, MOST_OF_REASON) };
        await audit.note(Object.keys(current.channels), { what: "secrets.refused", detail });
        return;
      }
      const { next, renewed } = taken;
      if (!isDeepStrictEqual(rest(current), rest(next))) {
        metrics.secretChanges.inc({ outcome: "restart" });
        logger.warn("a secret that only a restart can change has changed: restart to use it");
      }
      const isRekeyed = takeKeys(current, next, options);
      current = next;
      if (!isRekeyed && renewed.channels.length + renewed.connections.length === 0) return;
      metrics.secretChanges.inc({ outcome: "taken" });
      logger.info("new secrets are in use", { ...renewed, ...(isRekeyed ? { encryption: "keys" } : {}) });
      if (isRekeyed) {
        const detail = { encryption: "keys" };
        await audit.note(Object.keys(current.channels), { what: "secrets.taken", detail });
      }
      await writeDown(renewed, options);
      await tryAtOnce(renewed, options);
    },
  };
}

/** Keys of contents; whoever began without encryption goes on so until a restart. */
function takeKeys(current: Config, next: Config, { cipher }: RenewOptions): boolean {
  const [before, after] = [current.encryption, next.encryption];
  if (!before || !after || isDeepStrictEqual(before.keys, after.keys)) return false;
  cipher.renew(after);
  return true;
}

function take({ secrets, parts }: RenewOptions): { next: Config; renewed: Renewed } | { refused: string[] } {
  try {
    const next = secrets.reload();
    return { next, renewed: parts.renew(next) };
  } catch (error) {
    return { refused: reasonsOf(error) };
  }
}

/** Paths and reasons; never a value. */
function reasonsOf(error: unknown): string[] {
  if (error instanceof ConfigError) return error.problems.map(({ path, reason }) => `${path}: ${reason}`);
  return [asFailure(error)?.operatorMessage ?? (error instanceof Error ? error.name : "unknown error")];
}

/** What neither a channel nor a connection is made from, e.g. the address of Redis. */
function rest({ channels, connections, encryption, ...others }: Config) {
  return {
    ...others,
    nameKey: encryption?.nameKey,
    channels: Object.entries(channels).map(([name, { type }]) => [name, type]),
    connections: Object.entries(connections).map(([name, { settings: _, ...ours }]) => [name, ours]),
  };
}

/** Each channel's log tells of its own, and of the connection that its conversations go to. */
async function writeDown(renewed: Renewed, { audit, config }: RenewOptions): Promise<void> {
  for (const channel of renewed.channels)
    await audit.note([channel], { what: "secrets.taken", detail: { channel } });
  for (const connection of renewed.connections)
    await audit.note(channelsOf(connection, config.routes), {
      what: "secrets.taken",
      detail: { connection },
    });
}

async function tryAtOnce(renewed: Renewed, options: RenewOptions): Promise<void> {
  const { parts, guards, store, queues, clock } = options;
  for (const channel of renewed.channels) {
    await store.stops.probeNow(channel, clock.now());
    // Files of messages are fetched with the same token.
    await queues.hurry(channel, "out");
    await queues.hurry(channel, "in");
  }
  for (const connection of renewed.connections) await guards.get(connection)?.mended();
  for (const { channel, connection } of parts.routes.values()) {
    if (!renewed.connections.includes(connection)) continue;
    await queues.hurry(channel, "in");
    // Files of replies are fetched with the same token.
    await queues.hurry(channel, "out");
  }
}
