import { mappingFunctions } from "../src/mapping/functions.ts";

const HEAD = `# Functions of mapping files

<!-- Generated from src/mapping/functions/ by \`npm run docs\`. Do not edit. -->

What mapping files have besides [JSONata's own functions](https://docs.jsonata.org/string-functions). Arguments with \`?\`
may be left out. Of nothing they make nothing, unless it says otherwise. They are pure: the same arguments make the same
result. The examples run with the tables, calendars and labels of \`test/mapping/sample-lookups\`;
[mapping-functions.md](../mapping-functions.md) tells how such files are written.
`;

/** docs/reference/mapping-functions.md. */
export function describeMappingFunctions(): string {
  const sections = mappingFunctions.map(({ signature, about, examples }) => {
    const shown = examples.map(
      ({ expression, gives }) =>
        `${expression}\n/* ${gives === undefined ? "nothing" : JSON.stringify(gives)} */`,
    );
    return `## \`${signature}\`\n\n${about}\n\n\`\`\`jsonata\n${shown.join("\n\n")}\n\`\`\`\n`;
  });
  return [HEAD, ...sections].join("\n");
}
