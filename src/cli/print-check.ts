/** What a look at one thing of the settings found. */
interface Finding {
  what: string;
  lines: string[];
  problems: string[];
}

/** Prints findings as they come, with a last word; exit code 1 when one has a problem. */
export async function printCheck(findings: AsyncIterable<Finding>): Promise<void> {
  let failed = 0;
  for await (const { what, lines, problems } of findings) {
    if (problems.length > 0) failed++;
    printFinding(problems.length > 0 ? "FAIL" : "ok", what, [...problems, ...lines]);
  }
  process.stdout.write(failed === 0 ? "All is well.\n" : `${failed} of these will not work.\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

export function printFinding(verdict: string, what: string, lines: string[]): void {
  process.stdout.write(`${verdict.padEnd(5)} ${what}\n${lines.map((line) => `      ${line}\n`).join("")}`);
}
