import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { readPayloadInput } from "../../../app/payload-input.ts";
import { readPayload } from "../../../app/playground-inputs.ts";
import { ownPlugins } from "../../../app/settings.ts";
import { createMapper } from "../../../mapping/mapper.ts";
import { createSamples } from "../../../playground/samples.ts";
import { startPlayground } from "../../../playground/server.ts";

/** `deskferry map play`: the playground for one mapping folder, until Ctrl-C. */
export function mapPlayCommand(): Command {
  return new Command("play")
    .description("open a page on this machine to try, edit and test the mapping files of a folder")
    .argument("[folder]", "mapping folder; nothing is written anywhere else", "mappings/sandbox")
    .addOption(new Option("--port <port>", "0 takes a free one").argParser(readPort).default(0))
    .action(async (folder: string, { port }: { port: number }, command: Command) => {
      if (!existsSync(join(folder, "contact.jsonata"))) {
        const remedy = `Give the folder of a mapping, or start one with a copy of mappings/sandbox`;
        return command.error(`${folder} has no contact.jsonata. ${remedy}.`, { exitCode: 2 });
      }
      const mapper = createMapper();
      const tools = {
        folder,
        mapper,
        readPayload,
        readCasePayload: readPayloadInput,
        channelTypes: Object.keys(ownPlugins.channelTypes),
        samples: createSamples(readPayload),
      };
      const { url, stop } = await startPlayground(tools, port);
      process.stdout.write(`The playground of ${folder} is at\n\n  ${url}\n\nCtrl-C ends it.\n`);
      untilSignal(async () => {
        await stop();
        await mapper.close();
      });
    });
}

function readPort(value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("Use a whole number from 0 to 65535.");
}

function untilSignal(stop: () => Promise<void>): void {
  const end = () => void stop().then(() => process.exit(0));
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}
