import { Command } from "commander";
import { type Operations, openOperations } from "../../app/operations.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";

/** `deskferry trace ID`: what happened to a message, step by step. */
export function traceCommand(): Command {
  return new Command("trace")
    .description("show what happened to an event")
    .argument("<id>", "WhatsApp's message id (wamid.…), or the event as log lines name it")
    .addOption(configOption())
    .action(async (id: string, { config: file }: { config: string }) => {
      const operations = await openOperations(await loadSettings(file));
      const entries = await operations.trace(id);
      await operations.close();
      process.stdout.write(entries.map((entry) => `${line(entry)}\n`).join(""));
      if (entries.length > 0) return;
      process.stderr.write("Nothing is known of this event; the newest 20,000 entries a channel are kept.\n");
      process.exitCode = 1;
    });
}

function line({ at, channel, step, detail }: Awaited<ReturnType<Operations["trace"]>>[number]): string {
  const details = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
  return [at, channel, step.padEnd(15), ...details].join("  ");
}
