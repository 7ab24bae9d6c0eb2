import type { Config } from "../config/schema.ts";
import { anonymiseInput, type RecordedInput } from "../domain/anonymise-input.ts";
import { createPseudonyms } from "../domain/pseudonyms.ts";
import type { MappingKind } from "../domain/records.ts";
import type { Mapper } from "../mapping/mapper.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Recordings } from "../store/recordings.ts";
import type { Logger } from "../telemetry/logger.ts";

const DAY_MS = 86_400_000;

export interface RecordOptions {
  recording: Config["recording"];
  recordings: Recordings;
  clock: Clock;
  logger: Logger;
}

/**
 * The mapper of a channel, which also records what it is given, anonymised before it is written. Off, it is the mapper
 * itself. Recording never holds an event up and never fails one.
 */
export function recordInputs(
  mapper: Pick<Mapper, "map">,
  channel: string,
  options: RecordOptions,
): Pick<Mapper, "map"> {
  if (!options.recording.enabled) return mapper;
  return {
    map: (folder, kind, input) => {
      record(channel, kind, input as RecordedInput, options).catch(() =>
        options.logger.warn("an input of a mapping could not be recorded", { channel, kind }),
      );
      return mapper.map(folder, kind, input);
    },
  };
}

async function record(
  channel: string,
  kind: MappingKind,
  input: RecordedInput,
  { recording, recordings, clock }: RecordOptions,
): Promise<void> {
  const limits = { maxEvents: recording.maxEvents, maxAgeMs: recording.maxAgeDays * DAY_MS };
  const key = await recordings.key(channel, limits);
  const event = { kind, input: anonymiseInput(input, createPseudonyms(key, recording.keepWords)) };
  await recordings.add(channel, { key, id: idOf(kind, input), event, now: clock.now() }, limits);
}

/** The same when an event is tried again. */
function idOf(kind: MappingKind, input: RecordedInput): string {
  const what = "event" in input ? [input.ticket.id, input.event.at, input.event.to] : [input.message.id];
  return [kind, ...what].join("/");
}
