import { Command } from "commander";
import { type Operations, openOperations } from "../../app/operations.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";

/** `deskferry dead list|replay|discard`: what was given up. Contents are personal and are not printed. */
export function deadCommand(): Command {
  const dead = new Command("dead").description("list, replay or discard dead letters");
  filtered(dead.command("list").description("dead letters, a line each"))
    .addOption(configOption())
    .action(list);
  filtered(dead.command("replay").description("put dead letters back into their mailboxes"))
    .argument("[id...]", "as listed; none: all of them, or all that the options choose")
    .addOption(configOption())
    .action((ids: string[], options: Filter & { config: string }, command: Command) => {
      if (ids.length > 0 && (options.kind ?? options.reason)) {
        command.error("Give ids, or --kind and --reason, not both.", { exitCode: 2 });
      }
      return each(ids, options, "replayed", (o, channel, id) => o.replay(channel, id));
    });
  dead
    .command("discard")
    .description("forget dead letters for good")
    .argument("<id...>", "as listed")
    .addOption(configOption())
    .action((ids: string[], options) =>
      each(ids, options, "discarded", (o, channel, id) => o.discard(channel, id)),
    );
  return dead;
}

/** Which dead letters are meant; absent: all. */
interface Filter {
  kind?: string;
  reason?: string;
}

function filtered(command: Command): Command {
  return command
    .option("--kind <kind>", "only those of this kind, as listed: rejected, record, unclear …")
    .option("--reason <text>", "only those whose reason holds this text, e.g. the path of a mapping file");
}

function isMeant({ kind, reason }: { kind: string; reason: string }, filter: Filter): boolean {
  return (filter.kind ?? kind) === kind && reason.includes(filter.reason ?? "");
}

async function list({ config: file, ...filter }: Filter & { config: string }): Promise<void> {
  const operations = await openOperations(await loadSettings(file));
  for (const channel of operations.channels) {
    for await (const letter of operations.deadLetters.list(channel)) {
      if (!isMeant(letter, filter)) continue;
      const { id, at, lane, event, kind, reason, mapping } = letter;
      const columns = [id, at, channel, lane, event.type, kind, reason, ...(mapping ? [mapping] : [])];
      process.stdout.write(`${columns.join("  ")}\n`);
    }
  }
  await operations.close();
}

type Deed = (operations: Operations, channel: string, id: string) => Promise<boolean>;

async function each(
  ids: string[],
  { config: file, ...filter }: Filter & { config: string },
  done: string,
  deed: Deed,
): Promise<void> {
  const operations = await openOperations(await loadSettings(file));
  let count = 0;
  for (const channel of operations.channels) {
    for (const id of ids.length > 0 ? ids : await idsOf(operations, channel, filter)) {
      if (await deed(operations, channel, id)) count++;
    }
  }
  await operations.close();
  process.stdout.write(`${count} ${done}\n`);
  if (count < ids.length) process.exitCode = 1;
}

async function idsOf(operations: Operations, channel: string, filter: Filter): Promise<string[]> {
  const ids: string[] = [];
  for await (const letter of operations.deadLetters.list(channel)) {
    if (isMeant(letter, filter)) ids.push(letter.id);
  }
  return ids;
}
