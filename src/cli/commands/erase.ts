import { Command } from "commander";
import { openPersonalData } from "../../app/personal-data.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";
import { peopleNamed, peopleOption } from "../people-option.ts";

interface EraseCommandOptions {
  person: string[];
  keepOptOut: boolean;
  waitSeconds: string;
  config: string;
}

/** `deskferry erase --person P`: forgets people, and prints a receipt for each, a line of JSON. */
export function eraseCommand(): Command {
  return new Command("erase")
    .description("remove what Redis holds of people, and print a receipt for each; workers may run")
    .addOption(peopleOption())
    .option("--keep-opt-out", "who opted out stays so: a digest of their ids is kept for that", false)
    .option("--wait-seconds <n>", "how long to wait for events of theirs that are being handled", "120")
    .addOption(configOption())
    .action(run);
}

async function run(options: EraseCommandOptions, command: Command): Promise<void> {
  const seconds = Number(options.waitSeconds);
  if (!(seconds >= 0)) command.error("--wait-seconds takes a number of seconds.", { exitCode: 2 });
  const people = peopleNamed(options.person, command);
  const data = await openPersonalData(await loadSettings(options.config));
  try {
    const receipts = await data.erase(people, {
      keepOptOut: options.keepOptOut,
      waitMs: seconds * 1000,
      tell: (line) => process.stderr.write(`${line}\n`),
      now: Date.now,
    });
    for (const receipt of receipts) process.stdout.write(`${JSON.stringify(receipt)}\n`);
  } finally {
    await data.close();
  }
}
