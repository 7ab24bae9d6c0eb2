import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { openPersonalData } from "../../app/personal-data.ts";
import { loadSettings } from "../../app/settings.ts";
import type { ReceiptVerdict } from "../../app/verify-receipt.ts";
import { configOption } from "../config-option.ts";
import { peopleNamed, personOption } from "../people-option.ts";

/** `deskferry receipt FILE`: whether receipts of erasure are ours, and still true. */
export function receiptCommand(): Command {
  return new Command("receipt")
    .description(
      "verify receipts that `deskferry erase` printed; exit code 1 when one is not as it should be",
    )
    .argument("<file>", "receipts, a line each")
    .addOption(personOption())
    .addOption(configOption())
    .action(run);
}

async function run(
  file: string,
  { person = [], config }: { person?: string[]; config: string },
  command: Command,
): Promise<void> {
  const people = peopleNamed(person, command);
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.trim() !== "");
  const data = await openPersonalData(await loadSettings(config));
  try {
    for (const [index, line] of lines.entries()) {
      const verdict = await data.verifyReceipt(line, people);
      process.stdout.write(`${index + 1}  ${wordsOf(verdict)}\n`);
      if (!verdict.isOurs || !verdict.isRecorded || (verdict.held ?? 0) > 0) process.exitCode = 1;
    }
    if (lines.length === 0) command.error("There is no receipt in the file.", { exitCode: 2 });
  } finally {
    await data.close();
  }
}

function wordsOf({ at, isOurs, isRecorded, held }: ReceiptVerdict): string {
  const says = [
    at ?? "not a receipt",
    isOurs ? "made here, unchanged" : "FAIL: changed, or made with another Redis",
    isRecorded ? "in the audit log" : "FAIL: not in the audit log",
  ];
  if (held !== undefined) says.push(held === 0 ? "nothing is held" : `FAIL: ${held} things are held by now`);
  return says.join("  ");
}
