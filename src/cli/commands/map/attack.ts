import { Command } from "commander";
import {
  type AttackResult,
  attack,
  type HostileCase,
  hostileExpressions,
  MAX_LAG_MS,
  MAX_NOT_MEASURED,
  MAX_VERDICT_MS,
  readHostileCases,
} from "../../../mapping/attack.ts";
import { withMapper } from "./with-mapper.ts";

/** `deskferry map attack`. */
export function mapAttackCommand(): Command {
  return new Command("attack")
    .description("run the published hostile expressions in the real sandbox; exit code 1 when one does harm")
    .option("--against <file>", "a set of your own instead, in the form of docs/safe-jsonata.md")
    .action(async ({ against }: { against?: string }, command: Command) => {
      const cases = await read(against, command);
      const results = await withMapper(command, async (mapper) => {
        const all: AttackResult[] = [];
        for await (const result of attack(mapper, cases)) {
          process.stdout.write(line(result));
          all.push(result);
        }
        return all;
      });
      const { isWell, words } = conclusion(results);
      process.stdout.write(`${summary(results)}\n${words}\n`);
      process.exitCode = isWell ? 0 : 1;
    });
}

async function read(against: string | undefined, command: Command): Promise<HostileCase[]> {
  try {
    return await readHostileCases(against ?? hostileExpressions);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown error";
    const remedy = "See docs/safe-jsonata.md for the form of such a file.";
    return command.error(`--against cannot be read: ${reason}\n${remedy}`, { exitCode: 2 });
  }
}

function line({
  case: { group, name, ends },
  verdictMs,
  lagMs,
  tries,
  answer,
  failure,
  notMeasured,
}: AttackResult): string {
  const times = `${verdictMs.toFixed(0).padStart(4)} ms  lag ${lagMs.toFixed(0).padStart(2)} ms`;
  const again = tries > 1 ? `  (try ${tries})` : "";
  const mark = failure !== undefined ? "FAIL" : notMeasured ? "?   " : "ok  ";
  const first = `${mark}  ${times}  ${ends.padEnd(8)}  ${group}: ${name}${again}\n`;
  if (notMeasured) return `${first}      not measured: ${notMeasured}\n`;
  return failure === undefined ? first : `${first}      ${failure}: ${answer.slice(0, 300)}\n`;
}

function conclusion(results: AttackResult[]): { isWell: boolean; words: string } {
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const unknown = results.filter(({ notMeasured }) => notMeasured).length;
  if (failed > 0) return { isWell: false, words: `${failed} failed.` };
  if (unknown === 0) return { isWell: true, words: "All is well." };
  const words = `${unknown} not measured: machine starved (at most ${MAX_NOT_MEASURED}).`;
  return unknown <= MAX_NOT_MEASURED
    ? { isWell: true, words: `All others are well; ${words}` }
    : { isWell: false, words: `${words} Try again on a machine at rest.` };
}

function summary(results: AttackResult[]): string {
  const measured = results.filter(({ notMeasured }) => !notMeasured);
  const verdict = Math.max(0, ...measured.map(({ verdictMs }) => verdictMs)).toFixed(0);
  const lag = Math.max(0, ...measured.map(({ lagMs }) => lagMs)).toFixed(0);
  return (
    `${results.length} expressions; slowest verdict ${verdict} ms (at most ${MAX_VERDICT_MS}), ` +
    `longest lag of this process ${lag} ms (at most ${MAX_LAG_MS}).`
  );
}
