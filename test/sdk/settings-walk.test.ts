import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isSecret, jsonSchemaOf, replaceSecrets, secretsIn } from "../../src/sdk/testing/settings-walk.ts";

const hidden = () => z.string().meta({ secret: true });
const config = z.strictObject({
  url: z.string(),
  token: hidden(),
  secrets: z.array(hidden()),
  either: z.union([z.number(), hidden()]),
  nested: z.strictObject({ password: hidden(), name: z.string() }),
  list: z.array(z.strictObject({ name: z.string() })),
  optional: hidden().optional(),
  depth: z.number().default(3),
});
const settings = {
  url: "http://desk",
  token: "t1",
  secrets: ["s1", "s2"],
  either: "e1",
  nested: { password: "p1", name: "n1" },
  list: [{ name: "l1" }],
  optional: undefined,
  depth: 3,
};
const other = "another-secret-0123456789abcdef";

describe("settings by their schema", () => {
  it("asks only for what has to be given", () => {
    expect(jsonSchemaOf(config).required).toEqual(["url", "token", "secrets", "either", "nested", "list"]);
  });

  it.each([
    ["a plain text", {}, false],
    ["a secret", { secret: true }, true],
    ["what is said to be none", { secret: false }, false],
    ["an alternative that is one", { anyOf: [{ type: "number" }, { secret: true }] }, true],
    ["alternatives that are none", { anyOf: [{ type: "number" }, {}] }, false],
    ["a list of secrets", { items: { secret: true } }, true],
    ["a list of lists of secrets", { items: { items: { secret: true } } }, true],
    ["a list of others", { items: {} }, false],
    ["an object that holds one", { properties: { token: { secret: true } } }, false],
  ])("takes %s for what it is", (_what, schema, secret) => {
    expect(isSecret(schema)).toBe(secret);
  });

  it("finds all secrets, in lists, alternatives and objects too, and nothing else", () => {
    expect(secretsIn(jsonSchemaOf(config), settings)).toEqual(["t1", "s1", "s2", "e1", "p1"]);
  });

  it.each([
    ["settings that are null", {}, null],
    ["settings that are a text", {}, "x"],
    ["a setting that the schema does not know", {}, { token: "t" }],
    ["a secret that is not a text", { secret: true }, 7],
    ["an object where a secret should be", { secret: true }, { a: "b" }],
  ])("finds no secret in %s", (_what, schema, given) => {
    expect(secretsIn(schema, given)).toEqual([]);
  });

  it("replaces the secrets and leaves the rest", () => {
    const { optional: _, ...rest } = settings;
    expect(replaceSecrets(jsonSchemaOf(config), settings)).toStrictEqual({
      ...rest,
      token: other,
      secrets: [other, other],
      either: other,
      nested: { password: other, name: "n1" },
      optional: undefined,
    });
  });

  it.each([
    ["null", {}, null, null],
    ["a list of what nobody described", {}, ["a", 1], ["a", 1]],
    [
      "a list of objects with secrets",
      { items: { properties: { t: { secret: true } } } },
      [{ t: "x" }],
      [{ t: other }],
    ],
    ["a name that the schema does not know", { properties: {} }, { t: "x" }, { t: "x" }],
  ])("goes through %s", (_what, schema, given, replaced) => {
    expect(replaceSecrets(schema, given)).toEqual(replaced);
  });
});
