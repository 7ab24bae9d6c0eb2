import { Command } from "commander";
import type { Mapper } from "../../../mapping/mapper.ts";
import { runMappingTests } from "../../../mapping/test-runner.ts";
import { indent } from "./indent.ts";
import { withMapper } from "./with-mapper.ts";

/** `deskferry map test`. */
export function mapTestCommand(): Command {
  return new Command("test")
    .description("run the .test.json beside each mapping file; exit code 1 when one fails")
    .argument("[folders...]", "mapping folders", ["mappings/request-tracker", "mappings/sandbox"])
    .action(async (folders: string[], _options: object, command: Command) => {
      const failed = await withMapper(command, async (mapper) => {
        let count = 0;
        for (const folder of folders) count += await testFolder(folder, mapper);
        return count;
      });
      process.stdout.write(failed === 0 ? "All tests pass.\n" : `${failed} failed.\n`);
      process.exitCode = failed === 0 ? 0 : 1;
    });
}

async function testFolder(folder: string, mapper: Mapper): Promise<number> {
  const results = await runMappingTests(folder, mapper);
  for (const { file, name, failure } of results) {
    const verdict = failure === undefined ? "ok  " : "FAIL";
    process.stdout.write(
      `${verdict}  ${file}: ${name}\n${failure === undefined ? "" : `${indent(failure)}\n`}`,
    );
  }
  return results.filter(({ failure }) => failure !== undefined).length;
}
