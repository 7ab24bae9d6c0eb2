import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectors } from "../connectors/registry.ts";
import { messageTypes } from "../src/domain/message.ts";
import { mappingKinds } from "../src/domain/records.ts";
import { createCoverage } from "../src/mapping/coverage.ts";
import { createMapper, type Mapper } from "../src/mapping/mapper.ts";
import { runMappingTests } from "../src/mapping/test-runner.ts";

const folders = readdirSync("mappings");
const scratch = mkdtempSync(join(tmpdir(), "starter-"));
let mapper: Mapper;

beforeAll(() => {
  mapper = createMapper();
});

afterAll(async () => {
  await mapper.close();
  rmSync(scratch, { recursive: true });
});

test("every connector has starter mappings", () => {
  expect(folders.sort()).toEqual(Object.keys(connectors).sort());
});

describe.each(folders)("the starter mappings for %s", (name) => {
  const folder = join("mappings", name);

  test("pass their own tests", async () => {
    const results = await runMappingTests(folder, mapper);
    expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
    const files = new Set(results.map(({ file }) => file));
    const kinds = mappingKinds.filter((kind) => existsSync(join(folder, `${kind}.jsonata`)));
    expect([...files].sort()).toEqual(kinds.map((kind) => join(folder, `${kind}.test.json`)).sort());
  });

  test("have a test for every branch and for every type of message that they may meet", async () => {
    const coverage = createCoverage();
    const watched = createMapper({ coverage });
    try {
      await runMappingTests(folder, watched);
    } finally {
      await watched.close();
    }
    expect(coverage.report().branches).toBeGreaterThan(10);
    expect(coverage.report().gaps).toEqual([]);
  });

  test("P09: have a test of a comment for every type of message", () => {
    const cases: { input: { message: { type: string } } }[] = JSON.parse(
      readFileSync(join(folder, "comment.test.json"), "utf8"),
    );
    const tested = new Set(cases.map(({ input }) => input.message.type));
    expect([...messageTypes].filter((type) => !tested.has(type))).toEqual([]);
  });

  test.skipIf(!existsSync(join(folder, "confirmation.jsonata"))).each([
    ["+34600111222", undefined, "es"],
    ["+5511987654321", undefined, "pt_BR"],
    ["+351912345678", undefined, "pt_PT"],
    ["+971501234567", undefined, "ar"],
    ["+447700900123", undefined, "en"],
    // Approved nowhere: English.
    ["+254711222333", undefined, "en"],
    [undefined, "ES.13491208655302741918", "es"],
    [undefined, "SA.ENT.13491208655302741918", "ar"],
    [undefined, "US.13491208655302741918", "en"],
  ])("speak the language of %s %s once it is approved: %s", async (phone, userId, language) => {
    const copy = join(scratch, name);
    cpSync(folder, copy, { recursive: true });
    const file = join(copy, "confirmation.jsonata");
    const source = readFileSync(file, "utf8");
    const approved = `$approved := ["en", "es", "ar", "pt_BR", "pt_PT"]`;
    writeFileSync(file, source.replace(`$approved := ["en"]`, approved));
    await mapper.load(copy);
    const input = { person: { phone, userId }, event: { to: "solved" }, ticket: { id: "1", subject: "x" } };
    const { record } = await mapper.map(copy, "confirmation", input);
    const body = expect.arrayContaining(["x"]);
    expect(record).toEqual({ template: { name: "ticket_solved", language, body } });
  });
});
