import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { signBody, toMetaJson } from "../../src/sandbox/graph/meta-json.ts";

test.each([
  ["a/b//c", '"a\\/b\\/\\/c"'],
  ["é", '"\\u00e9"'],
  ["\u0080\u007f", '"\\u0080\u007f"'],
  ["😀", '"\\ud83d\\ude00"'],
  ["\uffff", '"\\uffff"'],
])("%j goes over the wire as %s", (value, wire) => {
  expect(toMetaJson(value).toString("latin1")).toBe(wire);
});

test("the signature is over the bytes, in hex after the name of the algorithm", () => {
  const hex = createHmac("sha256", "secret").update("{}").digest("hex");
  expect(signBody("secret", Buffer.from("{}"))).toBe(`sha256=${hex}`);
});
