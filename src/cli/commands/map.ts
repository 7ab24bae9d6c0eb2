import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { MappingError, MappingLoadError } from "../../mapping/errors.ts";
import { createMapper, type Mapper } from "../../mapping/mapper.ts";
import { runMappingTests } from "../../mapping/test-runner.ts";

/** `deskferry map`: try and test mapping files without a running system. */
export function mapCommand(): Command {
  return new Command("map")
    .description("try and test mapping files")
    .addCommand(testCommand())
    .addCommand(runCommand());
}

function testCommand(): Command {
  return new Command("test")
    .description("run the .test.json beside each mapping file; exit code 1 when one fails")
    .argument("[folders...]", "mapping folders", ["mappings/request-tracker", "mappings/sandbox"])
    .action(async (folders: string[], _options: object, command: Command) => {
      const failed = await withMapper(command, async (mapper) => {
        let count = 0;
        for (const folder of folders) count += await testFolder(folder, mapper);
        return count;
      });
      process.stdout.write(failed === 0 ? "All tests pass.\n" : `${failed} failed.\n`);
      process.exitCode = failed === 0 ? 0 : 1;
    });
}

async function testFolder(folder: string, mapper: Mapper): Promise<number> {
  const results = await runMappingTests(folder, mapper);
  for (const { file, name, failure } of results) {
    const verdict = failure === undefined ? "ok  " : "FAIL";
    process.stdout.write(
      `${verdict}  ${file}: ${name}\n${failure === undefined ? "" : `${indent(failure)}\n`}`,
    );
  }
  return results.filter(({ failure }) => failure !== undefined).length;
}

function runCommand(): Command {
  return new Command("run")
    .description("print the record that a mapping file makes of an input")
    .argument("<file>", "mapping file: contact, ticket, comment or confirmation.jsonata")
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

/** Gives a mapper and closes it; errors of mapping files are shown whole, this is their author's terminal. */
async function withMapper<T>(command: Command, work: (mapper: Mapper) => Promise<T>): Promise<T> {
  const mapper = createMapper({ children: 1 });
  try {
    return await work(mapper);
  } catch (error) {
    if (error instanceof MappingLoadError) return command.error(error.message, { exitCode: 1 });
    if (!(error instanceof MappingError)) throw error;
    const detail = error.detail ? `\n${indent(error.detail)}` : "";
    return command.error(`${error.message}${detail}`, { exitCode: 1 });
  } finally {
    await mapper.close();
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, "      ");
}
