import { Command } from "commander";
import { checkSettings } from "../../app/check.ts";
import { loadSettings } from "../../app/settings.ts";
import { redactConfig } from "../../config/redact.ts";
import { configOption } from "../config-option.ts";

/** `deskferry check`: all settings, then everything they name, tried for real. Exit code 1 when something is wrong. */
export function checkCommand(): Command {
  return new Command("check")
    .description("check the settings and try Redis, mappings, connections and channels")
    .addOption(configOption())
    .option("--show", "only print the settings in force, secrets masked")
    .action(async ({ config: file, show }: { config: string; show?: true }) => {
      const settings = await loadSettings(file);
      if (show) {
        const shown = redactConfig(settings.config, settings.plugins);
        process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
        return;
      }
      print("ok", "settings", [file]);
      let failed = 0;
      for await (const { what, lines, problems } of checkSettings(settings)) {
        if (problems.length > 0) failed++;
        print(problems.length > 0 ? "FAIL" : "ok", what, [...problems, ...lines]);
      }
      process.stdout.write(failed === 0 ? "All is well.\n" : `${failed} of these will not work.\n`);
      process.exitCode = failed === 0 ? 0 : 1;
    });
}

function print(verdict: string, what: string, lines: string[]): void {
  process.stdout.write(`${verdict.padEnd(5)} ${what}\n${lines.map((line) => `      ${line}\n`).join("")}`);
}
