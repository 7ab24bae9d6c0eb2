import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { type Operations, openOperations } from "../../app/operations.ts";
import { replayLetters } from "../../app/replay-letters.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";

const PER_SECOND = 20;
/** Between two lines of progress. */
const TELL_MS = 5000;

/** `deskferry dead list|replay|discard`: what was given up. Contents are personal and are not printed. */
export function deadCommand(): Command {
  const dead = new Command("dead").description("list, replay or discard dead letters");
  filtered(dead.command("list").description("dead letters, a line each"))
    .addOption(configOption())
    .action(list);
  filtered(dead.command("replay").description("put dead letters back into their mailboxes"))
    .argument("[id...]", "as listed")
    .option("--all", "all of them")
    .option("--per-second <count>", "how many at most in a second", aboveZero, PER_SECOND)
    .addOption(configOption())
    .action((ids: string[], options: ReplayOptions, command: Command) => {
      const ways = [ids.length > 0, options.kind ?? options.reason, options.all].filter(Boolean);
      if (ways.length !== 1) {
        command.error("Give ids, or --kind and --reason, or --all.", { exitCode: 2 });
      }
      return replay(ids, options);
    });
  dead
    .command("discard")
    .description("forget dead letters for good")
    .argument("<id...>", "as listed")
    .addOption(configOption())
    .action(discard);
  return dead;
}

/** Which dead letters are meant; absent: all. */
interface Filter {
  kind?: string;
  reason?: string;
}

interface ReplayOptions extends Filter {
  config: string;
  perSecond: number;
  all?: boolean;
}

function filtered(command: Command): Command {
  return command
    .option("--kind <kind>", "only those of this kind, as listed: rejected, record, unclear …")
    .option("--reason <text>", "only those whose reason holds this text, e.g. the path of a mapping file");
}

function aboveZero(text: string): number {
  const count = Number(text);
  if (!(count > 0)) throw new InvalidArgumentError("Give a number above 0.");
  return count;
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

async function replay(ids: string[], { config: file, perSecond, ...filter }: ReplayOptions): Promise<void> {
  await ending(file, ids, "replayed", (operations) =>
    replayLetters(
      operations,
      (letter) => (ids.length > 0 ? ids.includes(letter.id) : isMeant(letter, filter)),
      { perSecond, now: () => performance.now(), wait: (ms) => sleep(ms), told: progress() },
    ),
  );
}

/** A line on stderr now and then, for those who wait. */
function progress(): (done: number, all: number) => void {
  let last = performance.now();
  return (done, all) => {
    if (performance.now() - last < TELL_MS) return;
    last = performance.now();
    process.stderr.write(`${done} of ${all}\n`);
  };
}

async function discard(ids: string[], { config: file }: { config: string }): Promise<void> {
  await ending(file, ids, "discarded", async (operations) => {
    let count = 0;
    for (const channel of operations.channels) {
      for (const id of ids) if (await operations.discard(channel, id)) count++;
    }
    return count;
  });
}

/** Tells how many it was; an id that was not there is a failure. */
async function ending(
  file: string,
  ids: string[],
  done: string,
  deed: (operations: Operations) => Promise<number>,
): Promise<void> {
  const operations = await openOperations(await loadSettings(file));
  const count = await deed(operations);
  await operations.close();
  process.stdout.write(`${count} ${done}\n`);
  if (count < ids.length) process.exitCode = 1;
}
