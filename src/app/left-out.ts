import type { InboundTools } from "../inbound/tools.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";

const remedy = "take it out of the mapping, or see the connector's setup.md for a place to keep it in";

/** Counts what tickets lack each time, and says it once for each field while the process runs. */
export function leftOutNoter(
  connection: string,
  { logger, metrics }: { logger: Logger; metrics: Pick<Metrics, "leftOut"> },
): InboundTools["noteLeftOut"] {
  const told = new Set<string>();
  return (fields) => {
    for (const field of fields) {
      metrics.leftOut.inc({ connection, field });
      if (told.has(field)) continue;
      told.add(field);
      logger.warn(`the helpdesk has no place for a ticket's ${field}`, { connection, field, remedy });
    }
  };
}
