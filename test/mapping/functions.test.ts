import jsonata from "jsonata";
import { describe, expect, test } from "vitest";
import { compile, evaluate } from "../../src/mapping/evaluate.ts";
import { mappingFunctions } from "../../src/mapping/functions.ts";
import { sampleLookups } from "./sample-lookups.ts";

const input = { person: { phone: "+254711222333" } };

async function made(expression: string): Promise<unknown> {
  const compiled = compile(expression, sampleLookups);
  if (!compiled.ok) throw new Error(compiled.failure.reason);
  const verdict = await evaluate(compiled.program, input, { timeoutMs: 1000 });
  if (!verdict.ok) throw new Error(verdict.failure.reason);
  return verdict.result === undefined ? undefined : JSON.parse(verdict.result);
}

describe.each(mappingFunctions)("the function $name", ({ name, signature, about, examples }) => {
  test("gives what its examples say", async () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const { expression, gives } of examples) {
      expect(expression).toContain(`$${name}(`);
      expect(await made(expression), expression).toEqual(gives);
    }
  });

  test("has a signature and a sentence, and takes no name from JSONata", async () => {
    expect(signature).toMatch(new RegExp(`^\\$${name}\\(\\w+.*\\)$`));
    expect(about).toMatch(/\.$/);
    expect(await jsonata(`$type($${name})`).evaluate({})).toBeUndefined();
  });

  test("refuses what it cannot read with words that name it and quote nothing", async () => {
    for (const bad of ['{"canary": 1}', "[1, 2]", `$join([1..3000].("canary " & "canary canary canary"))`]) {
      const message = await made(`$${name}(${bad}, ${bad}, ${bad})`).catch((error: Error) => error.message);
      if (typeof message === "string" && message.startsWith(`$${name} `))
        expect(message).not.toContain("canary");
    }
  });

  test("of nothing makes nothing, or says what it needs", async () => {
    const result = await made(`$${name}(nothing.at.all)`).catch((error: Error) => error.message);
    if (result !== undefined) expect(result).toMatch(new RegExp(`^–$|^\\$${name} needs `));
  });
});
