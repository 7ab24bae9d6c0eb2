import { expect, test } from "vitest";
import { addToRegistry } from "../../src/app/connector-registry.ts";
import { ScaffoldError } from "../../src/app/scaffold-files.ts";

const line = (name: string, key = name) => `  ${key}: () => import("./${name}/index.ts"),`;
const registry = (...lines: string[]) => ["export const connectors = {", ...lines, "};", ""].join("\n");
const known = [line("chatwoot"), line("request-tracker", '"request-tracker"'), line("znuny")];

test.each([
  ["acme", 0, line("acme")],
  ["desk", 1, line("desk")],
  ["request-tracker-two", 2, line("request-tracker-two", '"request-tracker-two"')],
  ["zulu", 3, line("zulu")],
  ["desk2", 1, line("desk2")],
])("a connector called %s gets the line %i", (name, place, added) => {
  const expected = [...known.slice(0, place), added, ...known.slice(place)];
  expect(addToRegistry(registry(...known), name)).toBe(registry(...expected));
});

test("a registry without a line to add to is told", () => {
  const message = "connectors/registry.ts has no line to add to. Add one by hand";
  expect(() => addToRegistry(registry(), "desk")).toThrow(new ScaffoldError(message));
  expect(() => addToRegistry(registry(`//${line("a")}`, `${line("a")} // old`), "desk")).toThrow(message);
});
