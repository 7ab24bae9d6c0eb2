import { partsOf } from "../domain/burst.ts";
import { timeOf } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import { eventKey, type TraceEntry } from "../domain/trace.ts";
import { Undecryptable } from "../store/cipher.ts";
import type { Head, Place } from "../store/mailbox.ts";
import { framesOf } from "../telemetry/frames.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Burial } from "./verdict.ts";

export interface DrainLogTools {
  logger: Logger;
  metrics: Metrics;
  trace(entry: TraceEntry): void;
  now(): number;
}

/** Tells log, metrics and trace what became of each event; none of it holds personal data. */
export function createDrainLog({ logger, metrics, trace, now }: DrainLogTools) {
  function fields(place: Place, { event, tries }: Head) {
    return {
      channel: place.channel,
      lane: place.lane,
      person: place.person,
      event: eventKey(event.id),
      type: event.type,
      tries,
    };
  }

  function count({ channel, lane }: Place, { event }: Head, outcome: string): void {
    for (const { type } of partsOf(event)) metrics.handled.inc({ channel, lane, type, outcome });
  }

  function countUndecryptable({ channel, lane }: Place, error: unknown): void {
    if (error instanceof Undecryptable) metrics.undecryptable.inc({ channel, lane });
  }

  return {
    done(place: Place, head: Head): void {
      count(place, head, "done");
      for (const event of partsOf(head.event)) {
        const seconds = Math.max(0, (now() - timeOf(event)) / 1000);
        metrics.age.observe({ channel: place.channel, lane: place.lane }, seconds);
      }
      logger.debug("event handled", fields(place, head));
    },
    waiting(
      place: Place,
      head: Head,
      why: { kind: string; reason: string; delayMs: number },
      error: unknown,
    ): void {
      count(place, head, "retry");
      countUndecryptable(place, error);
      const stack = why.kind === "bug" && error instanceof Error ? { stack: framesOf(error) } : {};
      logger.warn("event waits for another try", { ...fields(place, head), ...why, ...stack });
    },
    /** During an update that is as it should be; afterwards somebody forgot a worker of the version before. */
    newer({ channel, lane, person }: Place): void {
      metrics.newer.inc({ channel });
      logger.warn("a newer version wrote this event; it is left to a newer worker", {
        channel,
        lane,
        person,
      });
    },
    /** The drain itself failed, not a handler. */
    broken(place: Place, error: Error): void {
      const { channel, lane, person } = place;
      countUndecryptable(place, error);
      const reason = asFailure(error)?.operatorMessage;
      const why = reason === undefined ? { stack: framesOf(error) } : { reason };
      const fields = { channel, lane, person, kind: error.name, ...why };
      logger.error("a conversation cannot be drained; it is tried again", fields);
    },
    separated(place: Place, head: Head, reason: string): void {
      logger.info("messages could not become one comment; each goes on by itself", {
        ...fields(place, head),
        reason,
      });
    },
    buried(place: Place, head: Head, why: Burial): void {
      count(place, head, "dead");
      const at = new Date(now()).toISOString();
      const { channel, person } = place;
      for (const { id } of partsOf(head.event)) {
        trace({ at, event: eventKey(id), channel, person, step: "dead", detail: { ...why } });
      }
      logger.error("event became a dead letter", { ...fields(place, head), ...why });
    },
  };
}

export type DrainLog = ReturnType<typeof createDrainLog>;
