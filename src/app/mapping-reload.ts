import { createReloader, type Reloader } from "../mapping/reload.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Parts } from "./parts.ts";
import { readPayloadInput } from "./payload-input.ts";

/** Reloads the mapping folders of the routes; log and metrics tell what became of each change. */
export function reloaderOf(
  { mapper, routes }: Pick<Parts, "mapper" | "routes">,
  { logger, metrics }: { logger: Logger; metrics: Pick<Metrics, "mappingReloads" | "mappingRefused"> },
): Reloader {
  return createReloader({
    mapper,
    readPayload: readPayloadInput,
    folders: [...new Set([...routes.values()].map(({ mapping }) => mapping))],
    told(outcome) {
      const mapping = outcome.folder;
      metrics.mappingReloads.inc({ mapping, outcome: outcome.is });
      metrics.mappingRefused.set({ mapping }, outcome.is === "refused" ? 1 : 0);
      if (outcome.is === "in use") logger.info("a changed mapping is in use", { mapping });
      else
        logger.error("a changed mapping is refused; the former one works on", {
          mapping,
          reason: outcome.reason,
        });
    },
  });
}

/** For people who ask whether all is well: it runs, but not with what they saved last. */
export function refusedMappings(reloader: Reloader): string[] {
  return reloader
    .refused()
    .map(
      ({ folder, reason }) => `${folder} was changed but refused, and the former mapping works on: ${reason}`,
    );
}
