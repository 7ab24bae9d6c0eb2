import { relative } from "node:path";
import { Command } from "commander";
import { createConnector } from "../../../app/create-connector.ts";
import { ScaffoldError } from "../../../app/scaffold-files.ts";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 40;

/** `deskferry create connector`. */
export function createConnectorCommand(): Command {
  return new Command("connector")
    .description("write a connector with a test server, tests that pass and mappings, to change from there")
    .argument("<name>", "of the helpdesk, kebab-case: acme-desk")
    .option(
      "--out <folder>",
      "a package of its own, in this folder; otherwise a part of the checkout it is run in",
    )
    .action(async (name: string, { out }: { out?: string }, command: Command) => {
      if (!NAME.test(name) || name.length > LONGEST) {
        const remedy = "use a-z and 0-9 in words joined by -, beginning with a letter";
        command.error(`"${name}" is no name: ${remedy}, at most ${LONGEST}.`, { exitCode: 2 });
      }
      const cwd = process.cwd();
      const request = { name, cwd, ...(out === undefined ? {} : { out }) };
      const { folder, files } = await createConnector(request).catch((error: unknown) => {
        if (!(error instanceof ScaffoldError)) throw error;
        return command.error(`${error.message}.`, { exitCode: 2 });
      });
      for (const file of files) process.stdout.write(`wrote  ${relative(cwd, file)}\n`);
      process.stdout.write(nextSteps(name, folder === undefined ? undefined : relative(cwd, folder)));
    });
}

function nextSteps(name: string, folder: string | undefined): string {
  const [server, code, test] =
    folder === undefined
      ? [
          `test/connectors/${name}-server.ts`,
          `connectors/${name}/`,
          `npx vitest run test/connectors/${name}.test.ts\n  npm run docs`,
        ]
      : [`${folder}/test/${name}-server.ts`, `${folder}/src/`, `cd ${folder} && npm install\n  npm test`];
  return (
    `\nIt works on a server of its own. Make ${server} behave as the real helpdesk,\n` +
    `then ${code} until the tests pass again: docs/add-a-connector.md.\n\n  ${test}\n`
  );
}
