import { Command, Option } from "commander";
import { type RunOptions, runApp } from "../../app/run.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";

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
    .action(async ({ config: file, ...options }: RunOptions & { config: string }) => {
      await runApp(await loadSettings(file), options);
      process.exit(0);
    });
}
