import { Command } from "commander";
import { checkSettings } from "../../app/check.ts";
import { loadSettings } from "../../app/settings.ts";
import { redactConfig } from "../../config/redact.ts";
import { configOption } from "../config-option.ts";
import { printCheck, printFinding } from "../print-check.ts";

/** `deskferry check`: all settings, then everything they name, tried for real. Exit code 1 when something is wrong. */
export function checkCommand(): Command {
  return new Command("check")
    .description("check the settings and try Redis, mappings, connections, channels and templates")
    .addOption(configOption())
    .option("--show", "only print the settings in force, secrets masked")
    .action(async ({ config: file, show }: { config: string; show?: true }) => {
      const settings = await loadSettings(file);
      if (show) {
        const shown = redactConfig(settings.config, settings.plugins);
        process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
        return;
      }
      printFinding("ok", "settings", [file]);
      await printCheck(checkSettings(settings));
    });
}
