import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, CommanderError } from "commander";
import type { Redis } from "ioredis";
import { onTestFinished, vi } from "vitest";
import { sandboxConnection, settingsText } from "../../scripts/sandbox-settings.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { EncryptionSettings } from "../../src/store/cipher.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { openRedis, redisUrl, uniqueChannel } from "../support/redis.ts";

export interface Ended {
  code: number;
  out: string;
  err: string;
}

export interface CommandSetup {
  redis: Redis;
  store: Store;
  channel: string;
  /** Of files that a test needs. */
  folder: string;
  /** `deskferry ARGS… --config` of these settings, in this process. */
  deskferry(...args: string[]): Promise<Ended>;
}

/** Nobody answers there. */
const NOBODY = "http://127.0.0.1:9";

export interface CommandOptions {
  /** One of the test's own, where a command looks at all channels. */
  url?: string;
  encryption?: EncryptionSettings;
  recording?: object;
  /** Where WhatsApp and the helpdesk are; nobody answers unless said otherwise. */
  graphUrl?: string;
  deskUrl?: string;
}

/** An operator's command line before settings of one channel, on real Redis. */
export async function setUpCommands(options: CommandOptions = {}): Promise<CommandSetup> {
  const { url = redisUrl(), graphUrl = NOBODY, deskUrl = NOBODY, ...more } = options;
  const redis = await openRedis("worker", url);
  const channel = uniqueChannel(redis);
  const folder = await mkdtemp(join(tmpdir(), "deskferry-cli-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, "deskferry.yaml");
  const connection = sandboxConnection(deskUrl);
  const text = settingsText({
    redisUrl: url,
    graphUrl,
    name: channel,
    connection,
    mapping: "sandbox",
  });
  await writeFile(config, JSON.stringify({ ...JSON.parse(text), ...more }));
  return {
    redis,
    store: createStore(redis),
    channel,
    folder,
    deskferry: (...args) => runCommand([...args, "--config", config]),
  };
}

/** Runs a command as main.ts does, and catches what it prints and how it ends. */
export async function runCommand(args: string[]): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []];
  const keep = (texts: string[]) => (text: string | Uint8Array) => texts.push(String(text)) > 0;
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(keep(out)),
    vi.spyOn(process.stderr, "write").mockImplementation(keep(err)),
  ];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    const error = await withoutExit(createProgram(), err)
      .parseAsync(args, { from: "user" })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    if (error !== undefined && !(error instanceof CommanderError)) throw error;
    return { code: error?.exitCode ?? Number(process.exitCode), out: out.join(""), err: err.join("") };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Commander's own end of the process becomes an error, of each command by itself. */
function withoutExit(command: Command, err: string[]): Command {
  for (const one of command.commands) withoutExit(one as Command, err);
  return command.exitOverride().configureOutput({ writeErr: (text) => void err.push(text) });
}
