import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { Command } from "commander";

/** What this command needs of a channel type. */
export interface PayloadParser {
  parse(body: Buffer): {
    events: object[];
    quarantined: { reason: string; accountId?: string; payload: unknown }[];
  };
}

/** `deskferry parse`: shows what recorded webhook bodies mean. `channelTypes` holds the parsers by name. */
export function parseCommand(channelTypes: Record<string, PayloadParser>): Command {
  const known = Object.keys(channelTypes).join(", ");
  return new Command("parse")
    .description("Prints the events in recorded webhook bodies, one JSON object a line")
    .requiredOption("--channel-type <name>", `what sent them: ${known}`)
    .argument("<files...>", "files with one body each; - reads the standard input")
    .action(async (files: string[], options: { channelType: string }, command: Command) => {
      const name = options.channelType;
      const parser = Object.hasOwn(channelTypes, name) ? channelTypes[name] : undefined;
      if (!parser)
        return command.error(`There is no channel type "${name}". Known are: ${known}.`, { exitCode: 2 });
      for (const file of files) {
        for (const line of linesOf(parser, await readBody(file, command))) process.stdout.write(`${line}\n`);
      }
    });
}

function linesOf(parser: PayloadParser, body: Buffer): string[] {
  const { events, quarantined } = parser.parse(body);
  const odd = quarantined.map((item) => ({ type: "quarantined", ...item }));
  return [...events, ...odd].map((line) => JSON.stringify(line));
}

async function readBody(file: string, command: Command): Promise<Buffer> {
  try {
    return file === "-" ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return command.error(
      `Cannot read ${file}: ${reason}. Give the path of a file, or - for the standard input.`,
      {
        exitCode: 2,
      },
    );
  }
}
