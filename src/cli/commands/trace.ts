import { Command } from "commander";
import { openOperations } from "../../app/operations.ts";
import { loadSettings } from "../../app/settings.ts";
import { eventKey, type TraceEntry } from "../../domain/trace.ts";
import { configOption } from "../config-option.ts";

/** `deskferry trace ID`: what happened to a message, step by step. */
export function traceCommand(): Command {
  return new Command("trace")
    .description("show what happened to an event")
    .argument("<id>", "WhatsApp's message id (wamid.…), or the event as log lines name it")
    .addOption(configOption())
    .action(async (id: string, { config: file }: { config: string }) => {
      const operations = await openOperations(await loadSettings(file));
      const event = /^[0-9a-f]{20}$/.test(id) ? id : eventKey(id);
      let found = 0;
      for (const channel of operations.channels) {
        for (const entry of await operations.traces.of(channel, event)) {
          found++;
          process.stdout.write(`${line(entry)}\n`);
        }
      }
      await operations.close();
      if (found > 0) return;
      process.stderr.write("Nothing is known of this event; the newest 20,000 entries a channel are kept.\n");
      process.exitCode = 1;
    });
}

function line({ at, channel, step, detail }: TraceEntry): string {
  const details = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
  return [at, channel, step.padEnd(15), ...details].join("  ");
}
