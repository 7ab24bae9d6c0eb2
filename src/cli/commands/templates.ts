import { Command } from "commander";
import { loadSettings } from "../../app/settings.ts";
import { listStored, syncTemplates } from "../../app/stored-templates.ts";
import { checkTemplates, listTemplates } from "../../app/templates.ts";
import { configOption } from "../config-option.ts";
import { printCheck } from "../print-check.ts";

/** `deskferry templates list|check|sync`: what WhatsApp has approved, and whether the routes send just that. */
export function templatesCommand(): Command {
  const templates = new Command("templates").description("look at the templates of the channels' accounts");
  templates
    .command("list")
    .description("name, language, status, category and parameters, a template a line")
    .option("--stored", "the stored copy with its age, instead of what the account says now")
    .addOption(configOption())
    .action(async ({ config: file, stored }: { config: string; stored?: true }) => {
      const settings = await loadSettings(file);
      await printLines(stored ? listStored(settings) : listTemplates(settings));
    });
  templates
    .command("sync")
    .description("ask the accounts now and store what they have; running processes go by it at once")
    .addOption(configOption())
    .action(async ({ config: file }: { config: string }) => {
      await printLines(syncTemplates(await loadSettings(file)));
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

interface Finding {
  what: string;
  lines: string[];
  problems: string[];
}

/** What was found on one stream, what went wrong on the other; exit code 1 if anything did. */
async function printLines(findings: AsyncIterable<Finding>): Promise<void> {
  for await (const { what, lines, problems } of findings) {
    process.stdout.write(lines.map((line) => `${what}  ${line}\n`).join(""));
    process.stderr.write(problems.map((problem) => `${what}  ${problem}\n`).join(""));
    if (problems.length > 0) process.exitCode = 1;
  }
}
