import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { messageTypes } from "../../src/domain/message.ts";
import { commentRecord, contactRecord, ticketRecord } from "../../src/domain/records.ts";
import { ticketStatuses } from "../../src/domain/ticket.ts";
import { createMapper } from "../../src/mapping/mapper.ts";

/** docs/write-a-mapping.md must be true of the code as it is. */
const guide = readFileSync("docs/write-a-mapping.md", "utf8");

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(guide)?.[1] ?? expect.unreachable(language);
}

/** Names of an interface's properties, from its source. */
function propertiesOf(file: string, name: string): string[] {
  const body =
    new RegExp(`export interface ${name} [^{]*\\{(.*?)\n\\}`, "s").exec(readFileSync(file, "utf8"))?.[1] ??
    "";
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map((match) => match[1] ?? "");
}

test("the example makes the record that stands beside it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "guide-"));
  const file = join(folder, "ticket.jsonata");
  writeFileSync(file, block("jsonata"));
  const mapper = createMapper({ children: 1 });
  const input = { person: { phone: "+34600111222" }, message: { type: "text", text: "The pump is broken" } };
  const { record } = await mapper.mapFile(file, input);
  await mapper.close();
  rmSync(folder, { recursive: true });
  expect(record).toEqual(JSON.parse(block("json")));
});

test("every word of the input is explained", () => {
  const words = [
    ...propertiesOf("src/domain/person.ts", "Person"),
    ...propertiesOf("src/domain/message.ts", "Message"),
    ...propertiesOf("src/domain/message.ts", "MediaRef"),
    ...propertiesOf("src/domain/message.ts", "Location"),
    ...propertiesOf("src/domain/ticket.ts", "TicketSnapshot"),
    ...propertiesOf("src/domain/mapping-input.ts", "ConfirmationInput"),
    ...ticketStatuses,
  ];
  expect(words.length).toBeGreaterThan(30);
  expect(words.filter((word) => !guide.includes(`\`${word}\``))).toEqual([]);
  expect([...messageTypes].filter((type) => !new RegExp(`types: .*\\b${type}\\b`).test(guide))).toEqual([]);
});

test("every field of the records is named", () => {
  for (const schema of [contactRecord, ticketRecord, commentRecord]) {
    for (const field of Object.keys(schema.shape)) expect(guide).toContain(`\`${field}\``);
  }
});

test("the templates are those of the starter mappings, with the same words", () => {
  const source = readFileSync("mappings/request-tracker/confirmation.jsonata", "utf8");
  for (const [, name, body] of guide.matchAll(/^\| `(ticket_\w+)` \| [^|]* \| (.*) \|$/gm)) {
    expect(source.replaceAll(/\s+/g, " ")).toContain(`${name} ${body}`);
    expect(source).toContain(`"${name}"`);
  }
  expect(guide.match(/`ticket_\w+`/g)).toHaveLength(2);
});

test("the page on tables, calendars and labels shows what works", async () => {
  const page = readFileSync("docs/mapping-functions.md", "utf8");
  const shown = (language: string) =>
    new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(page)?.[1] ?? expect.unreachable(language);
  const folder = mkdtempSync(join(tmpdir(), "guide-"));
  const yaml = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? "");
  mkdirSync(join(folder, "tables"));
  mkdirSync(join(folder, "calendars"));
  writeFileSync(join(folder, "tables/wards.csv"), shown("csv"));
  writeFileSync(join(folder, "calendars/office.yaml"), yaml[0] ?? "");
  writeFileSync(join(folder, "labels.yaml"), yaml[1] ?? "");
  const calls = [...page.matchAll(/`(\$(?:table|label)\(.*?\))`/g)].map((match) => match[1]);
  expect(calls.length).toBeGreaterThan(2);
  const mapper = createMapper({ children: 1 });
  // Saturday noon in Kolkata: two hours of work are left to the next opening days.
  const input = { message: { sentAt: "2026-11-21T06:30:00Z", text: calls } };
  const { record } = await mapper.mapSource(join(folder, "route.jsonata"), shown("jsonata"), input);
  const values = await mapper.mapSource(
    join(folder, "comment.jsonata"),
    `{"body": $string([${calls.join(", ")}])}`,
    input,
  );
  await mapper.close();
  rmSync(folder, { recursive: true });
  expect(record).toEqual({ priority: "high", due: { firstAnswer: "2026-11-24T10:00:00+05:30" } });
  expect(values.record).toMatchObject({ body: expect.stringMatching(/Water works south.*R\. Nair.*Photo/) });
});
