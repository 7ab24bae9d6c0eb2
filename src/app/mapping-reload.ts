import { createReloader, type Reloader } from "../mapping/reload.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Audit } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { readPayloadInput } from "./payload-input.ts";

export interface ReloadTools {
  logger: Logger;
  metrics: Pick<Metrics, "mappingReloads" | "mappingRefused">;
  audit: Pick<Audit, "note">;
}

/** Reloads the mapping folders of the routes; log, metrics and audit log tell what became of each change. */
export function reloaderOf(
  { mapper, routes }: Pick<Parts, "mapper" | "routes">,
  { logger, metrics, audit }: ReloadTools,
): Reloader {
  const channelsWith = (folder: string) =>
    [...routes].filter(([, { mapping }]) => mapping === folder).map(([channel]) => channel);

  return createReloader({
    mapper,
    readPayload: readPayloadInput,
    folders: [...new Set([...routes.values()].map(({ mapping }) => mapping))],
    told(outcome) {
      const mapping = outcome.folder;
      metrics.mappingReloads.inc({ mapping, outcome: outcome.is });
      metrics.mappingRefused.set({ mapping }, outcome.is === "refused" ? 1 : 0);
      const channels = channelsWith(mapping);
      if (outcome.is === "in use") {
        logger.info("a changed mapping is in use", { mapping });
        const detail = { mapping, versions: mapper.versions(mapping) };
        void audit.note(channels, { what: "mapping.taken", detail });
      } else {
        const detail = { mapping, reason: outcome.reason.slice(0, MOST_OF_REASON) };
        void audit.note(channels, { what: "mapping.refused", detail });
        logger.error("a changed mapping is refused; the former one works on", {
          mapping,
          reason: outcome.reason,
        });
      }
    },
  });
}

/** The log has all of it. */
const MOST_OF_REASON = 300;

/** For people who ask whether all is well: it runs, but not with what they saved last. */
export function refusedMappings(reloader: Reloader): string[] {
  return reloader
    .refused()
    .map(
      ({ folder, reason }) => `${folder} was changed but refused, and the former mapping works on: ${reason}`,
    );
}
