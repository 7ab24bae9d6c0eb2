import { Command } from "commander";
import { armFromEnvironment } from "../app/crash-at.ts";
import { ownPlugins } from "../app/settings.ts";
import { auditCommand } from "./commands/audit.ts";
import { checkCommand } from "./commands/check.ts";
import { createCommand } from "./commands/create.ts";
import { deadCommand } from "./commands/dead.ts";
import { emulateCommand } from "./commands/emulate.ts";
import { eraseCommand } from "./commands/erase.ts";
import { exportCommand } from "./commands/export.ts";
import { healthCommand } from "./commands/health.ts";
import { keysCommand } from "./commands/keys.ts";
import { mapCommand } from "./commands/map.ts";
import { parseCommand } from "./commands/parse.ts";
import { quarantineCommand } from "./commands/quarantine.ts";
import { receiptCommand } from "./commands/receipt.ts";
import { runCommand } from "./commands/run.ts";
import { templatesCommand } from "./commands/templates.ts";
import { tokenCommand } from "./commands/token.ts";
import { traceCommand } from "./commands/trace.ts";

/** The command line. */
export function createProgram(): Command {
  return new Command("deskferry")
    .description("Wires WhatsApp to the CRM or helpdesk an organisation already has.")
    .hook("preAction", warnOfCrash)
    .addCommand(runCommand())
    .addCommand(checkCommand())
    .addCommand(parseCommand(ownPlugins.channelTypes))
    .addCommand(mapCommand())
    .addCommand(templatesCommand())
    .addCommand(traceCommand())
    .addCommand(deadCommand())
    .addCommand(quarantineCommand())
    .addCommand(auditCommand())
    .addCommand(exportCommand())
    .addCommand(eraseCommand())
    .addCommand(receiptCommand())
    .addCommand(keysCommand())
    .addCommand(tokenCommand())
    .addCommand(healthCommand())
    .addCommand(emulateCommand())
    .addCommand(createCommand());
}

/** Before any command does anything. */
function warnOfCrash(): void {
  const warning = armFromEnvironment();
  if (warning) process.stderr.write(`deskferry: ${warning}\n`);
}
