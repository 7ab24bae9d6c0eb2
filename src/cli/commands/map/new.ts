import { join } from "node:path";
import { Command, Option } from "commander";
import { ScaffoldError } from "../../../app/scaffold-files.ts";
import { copyStarter, starterNames } from "../../../app/starter-mappings.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** `deskferry map new`. */
export function mapNewCommand(): Command {
  return new Command("new")
    .description("write a mapping with tests that pass, to change from there")
    .argument("<name>", "folder below mappings/")
    .addOption(
      new Option(
        "--for <connector>",
        `whose starter mapping to begin with: ${starterNames.join(", ")}`,
      ).makeOptionMandatory(),
    )
    .action(async (name: string, options: { for: string }, command: Command) => {
      if (!NAME.test(name))
        command.error(`"${name}" is no name: use 1 to 40 of a-z, 0-9 and -.`, { exitCode: 2 });
      const folder = join("mappings", name);
      const files = await copyStarter(options.for, folder).catch((error: unknown) => {
        if (!(error instanceof ScaffoldError)) throw error;
        return command.error(`${error.message}.`, { exitCode: 2 });
      });
      for (const file of files) process.stdout.write(`wrote  ${join(folder, file)}\n`);
      process.stdout.write(
        `\nNext, change a line and its test, and see what happens:\n\n  deskferry map test ${folder} --watch\n\n` +
          `Then name the folder in the route of deskferry.yaml (mapping: ${folder}) and run\n\n  deskferry check\n`,
      );
    });
}
