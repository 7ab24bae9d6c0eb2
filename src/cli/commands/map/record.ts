import { Command } from "commander";
import { openRecordings } from "../../../app/recordings.ts";
import { loadSettings } from "../../../app/settings.ts";
import { configOption } from "../../config-option.ts";

interface Options {
  config: string;
}

type Opened = Awaited<ReturnType<typeof openRecordings>>;

/** `deskferry map record`: what was recorded, anonymised, for `map diff`. */
export function mapRecordCommand(): Command {
  const record = new Command("record").description(
    "show, export or clear the anonymised recording of events",
  );
  record
    .command("show", { isDefault: true })
    .description("whether it is on, and what it holds")
    .addOption(configOption())
    .action((options: Options) => withRecordings(options, show));
  record
    .command("export")
    .description("print it, one JSON object a line")
    .addOption(configOption())
    .action((options: Options) => withRecordings(options, print));
  record
    .command("clear")
    .description("forget it, and the key that it was anonymised with")
    .addOption(configOption())
    .action((options: Options) =>
      withRecordings(options, async (recordings) => {
        await recordings.clear();
        process.stdout.write("cleared\n");
      }),
    );
  return record;
}

async function withRecordings(options: Options, work: (recordings: Opened) => Promise<void>): Promise<void> {
  const recordings = await openRecordings(await loadSettings(options.config));
  try {
    await work(recordings);
  } finally {
    await recordings.close();
  }
}

async function show({ settings, states }: Opened): Promise<void> {
  const { enabled, maxEvents, maxAgeDays } = settings;
  const bounds = `at most ${maxEvents} inputs per channel, for ${maxAgeDays} days`;
  process.stdout.write(enabled ? `Recording is on: ${bounds}.\n` : "Recording is off (recording.enabled).\n");
  for (const { channel, events, since } of await states()) {
    process.stdout.write(`${channel}  ${events} inputs${since ? `, the oldest of ${since}` : ""}\n`);
  }
}

async function print(recordings: Opened): Promise<void> {
  for await (const event of recordings.read()) process.stdout.write(`${JSON.stringify(event)}\n`);
}
