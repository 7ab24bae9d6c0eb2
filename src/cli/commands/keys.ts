import { Command } from "commander";
import { freshKey, freshNameKey } from "../../app/encryption.ts";
import { type KeyUse, openEncryptionKeys } from "../../app/encryption-keys.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";

/** `deskferry keys new|list|rotate`: what Redis is encrypted with. */
export function keysCommand(): Command {
  const keys = new Command("keys").description("keys that contents in Redis are encrypted with");
  keys
    .command("new")
    .description("print a key as a line for the file of encryption.keys; it is stored nowhere")
    .option("--name", "print a name key instead, for encryption.nameKey", false)
    .action(({ name }: { name: boolean }) => {
      process.stdout.write(`${name ? freshNameKey() : freshKey(Date.now())}\n`);
    });
  keys
    .command("list")
    .description("the keys by their ids, and how much in Redis needs each")
    .addOption(configOption())
    .action(list);
  keys
    .command("rotate")
    .description("put everything under the first key, what stands in clear too; workers may run")
    .option("--wait-seconds <n>", "how long to wait for events that are being handled", "120")
    .addOption(configOption())
    .action(rotate);
  return keys;
}

async function list({ config: file }: { config: string }): Promise<void> {
  const keys = await openEncryptionKeys(await loadSettings(file));
  try {
    for (const use of await keys.list()) process.stdout.write(`${lineOf(use)}\n`);
  } finally {
    await keys.close();
  }
}

function lineOf({ id, state, values }: KeyUse): string {
  if (state === "plain") return `(in clear)  ${values} values`;
  const spare = state === "decrypts" && values === 0 ? "  not needed" : "";
  return `${id}  ${state}  ${values} values${spare}`;
}

interface RotateCommandOptions {
  waitSeconds: string;
  config: string;
}

async function rotate(options: RotateCommandOptions, command: Command): Promise<void> {
  const seconds = Number(options.waitSeconds);
  if (!(seconds >= 0)) command.error("--wait-seconds takes a number of seconds.", { exitCode: 2 });
  const keys = await openEncryptionKeys(await loadSettings(options.config));
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const { renewed, atWork, undecryptable } = await keys.rotate({ waitMs: seconds * 1000, tell });
    for (const [id, values] of undecryptable)
      tell(`key "${id}": ${values} values cannot be decrypted; they stay as they are`);
    if (atWork > 0) tell(`${atWork} events are still being handled: run the command again`);
    process.stdout.write(`${renewed} values are under the first key now\n`);
    const uses = await keys.list();
    for (const use of uses) process.stdout.write(`${lineOf(use)}\n`);
    const spare = uses
      .filter(({ state, values }) => state === "decrypts" && values === 0)
      .map(({ id }) => id);
    if (spare.length > 0)
      process.stdout.write(
        `may be removed once every process encrypts with the first: ${spare.join(", ")}\n`,
      );
    if (atWork + undecryptable.size > 0) process.exitCode = 1;
  } finally {
    await keys.close();
  }
}
