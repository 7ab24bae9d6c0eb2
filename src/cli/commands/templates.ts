import { Command } from "commander";
import { loadSettings } from "../../app/settings.ts";
import { checkTemplates, listTemplates } from "../../app/templates.ts";
import { configOption } from "../config-option.ts";
import { printCheck } from "../print-check.ts";

/** `deskferry templates list|check`: what WhatsApp has approved, and whether the routes send just that. */
export function templatesCommand(): Command {
  const templates = new Command("templates").description("look at the templates of the channels' accounts");
  templates
    .command("list")
    .description("name, language, status, category and parameters, a template a line")
    .addOption(configOption())
    .action(async ({ config: file }: { config: string }) => {
      for await (const { what, lines, problems } of listTemplates(await loadSettings(file))) {
        process.stdout.write(lines.map((line) => `${what}  ${line}\n`).join(""));
        process.stderr.write(problems.map((problem) => `${what}  ${problem}\n`).join(""));
        if (problems.length > 0) process.exitCode = 1;
      }
    });
  templates
    .command("check")
    .description("compare what the routes send with what is approved; exit code 1 when they differ")
    .addOption(configOption())
    .action(async ({ config: file }: { config: string }) => {
      await printCheck(checkTemplates(await loadSettings(file)));
    });
  return templates;
}
