import { expect, test } from "vitest";
import { describeError } from "../../src/mapping/describe-error.ts";

test.each([
  [
    "no time left",
    { code: "D1012", message: "timeout 200", position: 7 },
    {
      reason: "it took too long. Look for recursion without an end, large ranges or long texts",
      detail: "timeout 200",
      position: 7,
      timeout: true,
    },
  ],
  [
    "a stack too deep",
    { code: "D1011", message: "Stack overflow" },
    { reason: "Stack overflow (JSONata D1011)", detail: "Stack overflow", limit: true },
  ],
  [
    "a range too large",
    { code: "D2014", message: "range" },
    { reason: "range (JSONata D2014)", detail: "range", limit: true },
  ],
  [
    "a sequence too long",
    { code: "D2015", message: "sequence" },
    { reason: "sequence (JSONata D2015)", detail: "sequence", limit: true },
  ],
  [
    "a slip of syntax, which quotes the file",
    { code: "S0201", message: 'Syntax error: "x"', value: "x", position: 0 },
    { reason: 'Syntax error: "x" (JSONata S0201)', detail: 'Syntax error: "x"', position: 0 },
  ],
  [
    "a refusal of one of our functions",
    { code: "MAPPING", message: "$hash needs a text", value: "a text" },
    { reason: "$hash needs a text", detail: "$hash needs a text" },
  ],
  [
    "$error",
    { code: "D3137", message: "canary" },
    { reason: "the mapping refused this input with $error", detail: "canary" },
  ],
  [
    "$assert",
    { code: "D3141", message: "canary" },
    { reason: "the mapping refused this input with $assert", detail: "canary" },
  ],
  [
    "words without a code",
    { message: "canary" },
    { reason: "it failed inside JSONata (unknown error)", detail: "canary" },
  ],
  ["a code without words", { code: "T1" }, { reason: "it failed inside JSONata (unknown error)" }],
  [
    "a code and words that are none",
    { code: 7, message: 7, position: "7" },
    { reason: "it failed inside JSONata (unknown error)" },
  ],
  ["null", null, { reason: "it failed inside JSONata (unknown error)" }],
  [
    "a recursion of the machine",
    new RangeError("canary"),
    { reason: "it needs too deep a recursion or too long a text", detail: "canary" },
  ],
])("%s is described without what the input held", (_what, error, described) => {
  expect(describeError(error)).toEqual(described);
});

test.each(["value", "value2", "base", "exp", "functionName"])("what stands in %s is never shown", (field) => {
  const message = 'cast "canary" and canary and "canary"';
  const { reason } = describeError({ code: "D3030", message, [field]: "canary" });
  expect(reason).toBe("cast … and … and … (JSONata D3030)");
});

test.each([
  ["a number", 4711, "not 4711", "not … (JSONata T1)"],
  ["a list", [1, "a"], 'not [1,"a"]', "not … (JSONata T1)"],
  ["an empty text", "", "not empty", "not empty (JSONata T1)"],
  ["nothing", undefined, "undefined it is", "undefined it is (JSONata T1)"],
])("a value that is %s is hidden as it would be shown", (_what, value, message, reason) => {
  expect(describeError({ code: "T1", message, value }).reason).toBe(reason);
});

test("JSONata's own words are kept for the author, a thousand characters of them", () => {
  expect(describeError({ message: "a".repeat(1001) }).detail).toBe("a".repeat(1000));
});
