import { Command, Option } from "commander";
import { loadSettings } from "../../app/settings.ts";
import { type Role, startApp } from "../../app/start.ts";
import { createLogger, type LogLevel } from "../../telemetry/logger.ts";
import { configOption } from "../config-option.ts";

interface RunOptions {
  config: string;
  role: Role;
  logLevel: LogLevel;
}

/** `deskferry run`: until SIGTERM or SIGINT, which drain within 10 s and exit 0. */
export function runCommand(): Command {
  return new Command("run")
    .description("answer webhooks and do the work")
    .addOption(configOption())
    .addOption(
      new Option("--role <role>", "part to play").choices(["all", "intake", "worker"]).default("all"),
    )
    .addOption(
      new Option("--log-level <level>", "least serious lines to print")
        .choices(["debug", "info", "warn", "error", "silent"])
        .default("info"),
    )
    .action(run);
}

async function run({ config: file, role, logLevel }: RunOptions): Promise<void> {
  const settings = await loadSettings(file);
  const logger = createLogger(logLevel, { role });
  const app = await startApp({ ...settings, role, logger, clock: { now: Date.now } });
  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  logger.info("stopping", { signal });
  await app.stop();
  process.exit(0);
}
