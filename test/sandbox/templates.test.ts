import { expect, test } from "vitest";
import { createTemplates, fillIn, variablesOf } from "../../src/sandbox/graph/templates.ts";
import { templates } from "./graph-setup.ts";

test("a template is found by its name and its language together", () => {
  const known = createTemplates(templates);
  expect(known.find("waiting", "en")?.status).toBe("PENDING");
  expect(known.find("waiting", "fr")).toBeUndefined();
  expect(known.find("absent", "en")).toBeUndefined();
  expect(known.list()).toEqual(templates);
});

test("a status that is set is of our copy, and an unknown template is told", () => {
  const known = createTemplates(templates);
  expect(known.setStatus("waiting", "en", "APPROVED")).toBe(true);
  expect(known.setStatus("waiting", "fr", "PAUSED")).toBe(false);
  expect(known.find("waiting", "en")?.status).toBe("APPROVED");
  expect(templates[2]?.status).toBe("PENDING");
});

test("templates are replaced by copies of others", () => {
  const known = createTemplates(templates);
  const next = templates.slice(0, 1);
  known.replace(next);
  known.setStatus("ticket_update", "en", "PAUSED");
  expect(known.list().map(({ name, status }) => [name, status])).toEqual([["ticket_update", "PAUSED"]]);
  expect(next[0]?.status).toBe("APPROVED");
});

test.each([
  ["Hello {{1}}, {{ 2 }} and {{1}}", ["1", "2"], "Hello A, B and A"],
  ["{{  first_name  }}!", ["first_name"], "Ana!"],
  ["{1} {{a-b}} {{}}", [], "{1} {{a-b}} {{}}"],
  ["{{3}}", ["3"], "{{3}}"],
  ["{{4}}", ["4"], ""],
])("'%s' has the variables %j and is filled in as '%s'", (text, variables, filled) => {
  const values = new Map([
    ["1", "A"],
    ["2", "B"],
    ["first_name", "Ana"],
    ["4", ""],
  ]);
  expect([variablesOf(text), fillIn(text, values)]).toEqual([variables, filled]);
});
