import { Command } from "commander";
import { openPersonalData } from "../../app/personal-data.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";
import { peopleNamed, peopleOption } from "../people-option.ts";

interface ExportOptions {
  person: string[];
  config: string;
}

/** `deskferry export --person P`: what Redis holds of people, a line of JSON for each. */
export function exportCommand(): Command {
  return new Command("export")
    .description("print what Redis holds of people, as JSON, a line for each; contains personal data")
    .addOption(peopleOption())
    .addOption(configOption())
    .action(async ({ person: texts, config: file }: ExportOptions, command: Command) => {
      const people = peopleNamed(texts, command);
      const data = await openPersonalData(await loadSettings(file));
      try {
        for (const person of people) {
          const channels = await data.export(person);
          process.stdout.write(`${JSON.stringify({ person, channels })}\n`);
        }
      } finally {
        await data.close();
      }
    });
}
