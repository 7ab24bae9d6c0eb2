import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { withMapper } from "./with-mapper.ts";

/** `deskferry map run`. */
export function mapRunCommand(): Command {
  return new Command("run")
    .description("print the record that a mapping file makes of an input")
    .argument("<file>", "mapping file: contact, ticket, route, comment or confirmation.jsonata")
    .requiredOption("--input <json>", "JSON text, @file or - for standard input")
    .action(async (file: string, { input }: { input: string }, command: Command) => {
      const value = await readInput(input, command);
      const { record, version } = await withMapper(command, (mapper) => mapper.mapFile(file, value));
      process.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
      process.stderr.write(`version ${version}\n`);
    });
}

async function readInput(input: string, command: Command): Promise<unknown> {
  try {
    if (input === "-") return JSON.parse(await text(process.stdin));
    return JSON.parse(input.startsWith("@") ? await readFile(input.slice(1), "utf8") : input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown error";
    return command.error(`--input cannot be read: ${reason}. Give JSON text, @file or -.`, { exitCode: 2 });
  }
}
