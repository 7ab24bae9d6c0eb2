import { Command } from "commander";
import { type Operations, openOperations } from "../../app/operations.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";

/** `deskferry dead list|replay|discard`: what was given up. Contents are personal and are not printed. */
export function deadCommand(): Command {
  const dead = new Command("dead").description("list, replay or discard dead letters");
  dead.command("list").description("all dead letters, a line each").addOption(configOption()).action(list);
  dead
    .command("replay")
    .description("put dead letters back into their mailboxes")
    .argument("[id...]", "as listed; none: all of them")
    .addOption(configOption())
    .action((ids: string[], options) =>
      each(ids, options, "replayed", (o, channel, id) => o.replay(channel, id)),
    );
  dead
    .command("discard")
    .description("forget dead letters for good")
    .argument("<id...>", "as listed")
    .addOption(configOption())
    .action((ids: string[], options) =>
      each(ids, options, "discarded", (o, channel, id) => o.deadLetters.discard(channel, id)),
    );
  return dead;
}

async function list({ config: file }: { config: string }): Promise<void> {
  const operations = await openOperations(await loadSettings(file));
  for (const channel of operations.channels) {
    for await (const { id, at, lane, event, kind, reason } of operations.deadLetters.list(channel)) {
      process.stdout.write(`${[id, at, channel, lane, event.type, kind, reason].join("  ")}\n`);
    }
  }
  await operations.close();
}

type Deed = (operations: Operations, channel: string, id: string) => Promise<boolean>;

async function each(
  ids: string[],
  { config: file }: { config: string },
  done: string,
  deed: Deed,
): Promise<void> {
  const operations = await openOperations(await loadSettings(file));
  let count = 0;
  for (const channel of operations.channels) {
    for (const id of ids.length > 0 ? ids : await allIds(operations, channel)) {
      if (await deed(operations, channel, id)) count++;
    }
  }
  await operations.close();
  process.stdout.write(`${count} ${done}\n`);
  if (count < ids.length) process.exitCode = 1;
}

async function allIds(operations: Operations, channel: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of operations.deadLetters.list(channel)) ids.push(id);
  return ids;
}
