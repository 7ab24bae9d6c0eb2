import { Command, InvalidArgumentError } from "commander";
import { loadSettings } from "../../app/settings.ts";
import { openTokens, scopeNames } from "../../app/tokens.ts";
import { configOption } from "../config-option.ts";

/** `deskferry token create|list|revoke`: who may ask a running Deskferry for figures, from another machine. */
export function tokenCommand(): Command {
  const token = new Command("token").description(
    "make, list or revoke tokens for /metrics and /health/ready",
  );
  token
    .command("create")
    .description("make a token and print it, once; only a digest of it is kept")
    .requiredOption("--scope <scope>", `what it is for: ${scopeNames().join(", ")}; may be repeated`, scopes)
    .option("--days <days>", "days until it ends, 365 at most", days, 90)
    .addOption(configOption())
    .action(create);
  token
    .command("list")
    .description("tokens, a line each: id, scopes, made, ends, last used (to the minute)")
    .addOption(configOption())
    .action(list);
  token
    .command("revoke")
    .description("refuse tokens from now on")
    .argument("<id...>", "as listed, or whole tokens")
    .addOption(configOption())
    .action(revoke);
  return token;
}

function scopes(text: string, before: string[] = []): string[] {
  if (!scopeNames().includes(text)) throw new InvalidArgumentError(`Choose of ${scopeNames().join(", ")}.`);
  return [...before, text];
}

function days(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 365)
    throw new InvalidArgumentError("Give a whole number of days, 1 to 365.");
  return count;
}

interface CreateOptions {
  config: string;
  scope: string[];
  days: number;
}

async function create({ config: file, scope, days: count }: CreateOptions): Promise<void> {
  const tokens = await openTokens(await loadSettings(file));
  const { token, expiresAt } = await tokens.create(scope, count);
  await tokens.close();
  process.stdout.write(`${token}\n`);
  process.stderr.write(`Keep it in a secret file: it is not shown again. It ends ${expiresAt}.\n`);
}

async function list({ config: file }: { config: string }): Promise<void> {
  const tokens = await openTokens(await loadSettings(file));
  for (const { id, scopes: all, createdAt, expiresAt, usedAt } of await tokens.list()) {
    process.stdout.write(`${[id, all.join(","), createdAt, expiresAt, usedAt ?? "never"].join("  ")}\n`);
  }
  await tokens.close();
}

async function revoke(ids: string[], { config: file }: { config: string }): Promise<void> {
  const tokens = await openTokens(await loadSettings(file));
  let count = 0;
  for (const given of ids) {
    const id = /^dfy_([a-z0-9]{8})_/.exec(given)?.[1] ?? given;
    if (await tokens.revoke(id)) count++;
  }
  await tokens.close();
  process.stdout.write(`${count} revoked\n`);
  if (count < ids.length) process.exitCode = 1;
}
