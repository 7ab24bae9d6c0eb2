import { describe, expect, test } from "vitest";
import { encryptionSettings } from "../../src/config/encryption-settings.ts";

const hex = "0123456789abcdefABCDEF0123456789".repeat(2);
const base64 = Buffer.alloc(32, 0xfb).toString("base64");
const urlBase64 = Buffer.alloc(32, 0xfb).toString("base64url");
const nameKey = "n".repeat(32);

/** What is said of the keys; empty when they are taken. */
function complaintsOf(...keys: string[]): string[] {
  const { error } = encryptionSettings.safeParse({ keys, nameKey });
  return error?.issues.map(({ message }) => message) ?? [];
}
const lineWrong = (line: number) =>
  `line ${line} is not ID:KEY: ID 1 to 20 of a-z, 0-9, -; KEY 32 bytes in base64 or hexadecimal`;

describe("a line of a key", () => {
  test.each([
    `a:${hex}`,
    `2026-11:${base64}`,
    `2026-11:${base64.replace("=", "")}`,
    `${"a".repeat(20)}:${urlBase64}`,
  ])("%s is one", (line) => {
    expect(complaintsOf(line)).toEqual([]);
  });

  test.each([
    hex,
    `:${hex}`,
    `A:${hex}`,
    `a_b:${hex}`,
    `${"a".repeat(21)}:${hex}`,
    `a:${hex}0`,
    `a:${hex.slice(1)}`,
    `a:${hex.slice(1)}g`,
    `a:x${base64}`,
    `a:${base64}=`,
    `a:${base64.slice(1)}`,
    `a:${"!".repeat(43)}`,
    `a:${"*".repeat(43)}=`,
    `a:${hex}:b`,
  ])("%s is none, and it is told by its number and never repeated", (line) => {
    const complaints = complaintsOf(`ok:${hex}`, line);
    expect(complaints).toEqual([lineWrong(2)]);
  });
});

test("keys stand in one text or each by itself, with blank lines between", () => {
  expect(complaintsOf(`a:${hex}\n\nb:${base64}\r\n`, `c:${urlBase64}`)).toEqual([]);
  expect(complaintsOf(`a:${hex}\nwrong\nb:${base64}`)).toEqual([lineWrong(2)]);
});

test("keys have ids of their own, and there is one at least and twenty texts at most", () => {
  expect(complaintsOf(`a:${hex}`, `a:${base64}`)).toEqual([
    "two keys have the same id; give each one of its own",
  ]);
  expect(complaintsOf("", " \n")).toEqual(["hold no key; `deskferry keys new` makes one"]);
  expect(complaintsOf()).not.toEqual([]);
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}:${hex}`);
  expect(complaintsOf(...keys(20))).toEqual([]);
  expect(complaintsOf(...keys(21))).not.toEqual([]);
});

test("a name key has 32 characters or more", () => {
  const keys = [`a:${hex}`];
  expect(encryptionSettings.safeParse({ keys, nameKey }).success).toBe(true);
  const { error } = encryptionSettings.safeParse({ keys, nameKey: nameKey.slice(1) });
  expect(error?.issues.map(({ message }) => message)).toEqual(["use 32 characters or more, drawn at random"]);
});
