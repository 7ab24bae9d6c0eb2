import { Command } from "commander";
import { type Operations, openOperations } from "../../app/operations.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";

interface QuarantineOptions {
  config: string;
}

/** `deskferry quarantine list|show|clear`: payloads that were signed but not understood. */
export function quarantineCommand(): Command {
  const quarantine = new Command("quarantine").description("look at payloads that were not understood");
  quarantine
    .command("list")
    .description("reasons and how often, without contents")
    .addOption(configOption())
    .action((options: QuarantineOptions) => eachChannel(options, list));
  quarantine
    .command("show")
    .description("everything, as JSON, one payload a line; contains personal data")
    .addOption(configOption())
    .action((options: QuarantineOptions) => eachChannel(options, show));
  quarantine
    .command("clear")
    .description("forget for good what is there now")
    .addOption(configOption())
    .action((options: QuarantineOptions) => eachChannel(options, clear));
  return quarantine;
}

type Deed = (operations: Operations, channel: string) => Promise<void>;

async function eachChannel({ config: file }: QuarantineOptions, deed: Deed): Promise<void> {
  const operations = await openOperations(await loadSettings(file));
  for (const channel of operations.channels) await deed(operations, channel);
  await operations.close();
}

async function list({ deadLetters }: Operations, channel: string): Promise<void> {
  const counts = new Map<string, number>();
  for (const { reason } of await deadLetters.quarantine(channel)) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of counts) process.stdout.write(`${channel}  ${count}  ${reason}\n`);
}

async function show(operations: Operations, channel: string): Promise<void> {
  for (const part of await operations.showQuarantine(channel)) {
    process.stdout.write(`${JSON.stringify({ channel, ...part })}\n`);
  }
}

async function clear(operations: Operations, channel: string): Promise<void> {
  const count = await operations.clearQuarantine(channel);
  process.stdout.write(`${channel}: ${count} forgotten\n`);
}
