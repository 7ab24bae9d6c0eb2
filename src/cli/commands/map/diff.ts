import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { openRecordings } from "../../../app/recordings.ts";
import { loadSettings } from "../../../app/settings.ts";
import {
  createComparison,
  type FieldChange,
  type KindChanges,
  type ReplayedEvent,
} from "../../../mapping/compare.ts";
import { configOption } from "../../config-option.ts";
import { withMapper } from "./with-mapper.ts";

interface DiffOptions {
  events?: string[];
  config: string;
  verbose?: true;
  json?: true;
  exitCode?: true;
}

/** Events replayed at once: the children are two. */
const AT_ONCE = 8;
const PROGRESS_MS = 2000;
/** More different changes of a field than this say nothing to a reader. */
const MOST_TRANSITIONS = 5;

/** `deskferry map diff`. */
export function mapDiffCommand(): Command {
  return new Command("diff")
    .description("replay recorded events through two mapping folders and show what would change")
    .argument("<old>", "mapping folder in use")
    .argument("<new>", "mapping folder to be")
    .option("--events <file...>", "recordings, as map record export prints them; none: what Redis holds")
    .addOption(configOption())
    .option("--verbose", "show some of the events, as they were recorded: anonymised")
    .option("--json", "print the result as JSON")
    .option("--exit-code", "exit with 1 when anything changes")
    .action(async (old: string, now: string, options: DiffOptions, command: Command) => {
      const changes = await withMapper(
        command,
        async (mapper) => {
          for (const folder of [old, now]) await mapper.load(folder);
          const comparison = createComparison(mapper, { old, new: now });
          await replay(options.events ? linesOf(options.events, command) : recorded(options), comparison.add);
          return comparison.result();
        },
        { children: 2 },
      );
      if (changes.length === 0) {
        command.error("There are no recorded events. Set recording.enabled, or give --events.", {
          exitCode: 2,
        });
      }
      process.stdout.write(options.json ? `${JSON.stringify(changes, null, 2)}\n` : text(changes, options));
      if (options.exitCode && changes.some(({ changed }) => changed > 0)) process.exitCode = 1;
    });
}

async function replay(
  events: AsyncIterable<ReplayedEvent>,
  add: (event: ReplayedEvent) => Promise<void>,
): Promise<void> {
  let count = 0;
  const timer = setInterval(() => process.stderr.write(`${count} events replayed …\n`), PROGRESS_MS);
  try {
    let batch: Promise<void>[] = [];
    for await (const event of events) {
      batch.push(add(event));
      count += 1;
      if (batch.length < AT_ONCE) continue;
      await Promise.all(batch);
      batch = [];
    }
    await Promise.all(batch);
  } finally {
    clearInterval(timer);
  }
}

async function* recorded({ config }: DiffOptions): AsyncGenerator<ReplayedEvent> {
  const recordings = await openRecordings(await loadSettings(config));
  try {
    yield* recordings.read();
  } finally {
    await recordings.close();
  }
}

async function* linesOf(files: string[], command: Command): AsyncGenerator<ReplayedEvent> {
  for (const file of files) {
    let number = 0;
    try {
      for await (const line of createInterface({ input: createReadStream(file) })) {
        number += 1;
        if (line.trim() !== "") yield eventIn(line);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown error";
      command.error(`${file}:${number}: ${reason}. Give a file that map record export has written.`, {
        exitCode: 2,
      });
    }
  }
}

function eventIn(line: string): ReplayedEvent {
  const event: unknown = JSON.parse(line);
  const isOne = typeof event === "object" && event !== null && "kind" in event && "input" in event;
  if (!isOne || typeof event.input !== "object") throw new Error("the line is no recorded event");
  return event as ReplayedEvent;
}

function text(changes: KindChanges[], { verbose }: DiffOptions): string {
  const lines = changes.flatMap(({ kind, events, changed, fields }) => [
    `${kind}: ${changed} of ${number(events)} change`,
    ...fields.flatMap((field) => fieldLines(field, `${number(events)} ${kind}s`, verbose === true)),
  ]);
  return `${lines.join("\n")}\n`;
}

function fieldLines(
  { field, events, transitions, examples }: FieldChange,
  of: string,
  verbose: boolean,
): string[] {
  const shown =
    transitions.length <= MOST_TRANSITIONS
      ? transitions.map((each) => `${each.from} → ${each.to} (${number(each.events)})`).join(", ")
      : `${number(transitions.length)} different ways`;
  const line = `  ${number(events)} of ${of} change ${field}: ${shown}`;
  if (!verbose) return [line];
  return [line, ...examples.map(({ input, from, to }) => `    ${from} → ${to}  ${JSON.stringify(input)}`)];
}

function number(value: number): string {
  return value.toLocaleString("en");
}
