import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { rows } from "../../scripts/reliability/rows.ts";
import { sabotages } from "../../scripts/reliability/sabotage-lines.ts";

describe("the lines that guarantees rest on", () => {
  it.each(sabotages.flatMap(({ id, edits }) => edits.map(({ file, text }) => [id, file, text] as const)))(
    "%s: %s holds its line once: else say in scripts/reliability/sabotage-lines.ts where it is now",
    (_id, file, text) => {
      const source = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");
      expect(source.split(text).length - 1).toBe(1);
    },
  );

  it("are there for at least ten of the fourteen, each with a row that tells of it", () => {
    expect(new Set(sabotages.map(({ id }) => id)).size).toBeGreaterThanOrEqual(10);
    const without = sabotages.filter(({ id, row }) => !rows[row]?.gives.includes(id));
    expect(without).toEqual([]);
  });
});
