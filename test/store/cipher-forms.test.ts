import { expect, test } from "vitest";
import { keyOf, noCipher, Undecryptable } from "../../src/store/cipher.ts";
import { newKey, readKeys } from "../../src/store/content-keys.ts";
import { cipherWith, keyLine } from "../support/ciphers.ts";

const cipher = cipherWith(1);
const WHERE = ["person", "city", "name"] as const;

/** A value without any text, that is its nonce and its tag alone, cut to so many bytes. */
function emptyCutTo(bytes: number): string {
  const [, id, encoded = ""] = cipher.encrypt("", WHERE).split(":");
  return `enc:${id}:${Buffer.from(encoded, "base64url").subarray(0, bytes).toString("base64url")}`;
}

test("a value without text is its nonce and its whole tag", () => {
  expect(cipher.decrypt(emptyCutTo(28), WHERE)).toBe("");
});

test.each([27, 26, 25, 24, 20, 16, 12, 0])(
  "a tag that was shortened is refused, though it begins as it should: %d bytes",
  (bytes) => {
    expect(() => cipher.decrypt(emptyCutTo(bytes), WHERE)).toThrow(Undecryptable);
  },
);

test("a value that is spelt otherwise than it was written is refused", () => {
  // Four of the six bits of the last sign are not used: 16 spellings of the same bytes.
  const stored = cipher.encrypt("", WHERE);
  const last = stored.at(-1) ?? "";
  const other = String.fromCharCode(last.charCodeAt(0) + 1);
  const bytesOf = (text: string) => Buffer.from(text.slice("enc:k1:".length), "base64url");
  const spelt = stored.slice(0, -1) + other;
  expect(bytesOf(spelt)).toEqual(bytesOf(stored));
  expect(() => cipher.decrypt(spelt, WHERE)).toThrow(Undecryptable);
});

test("what cannot be decrypted waits for an operator, who is told which key and what it is of, not where", () => {
  const refused = (act: () => string): unknown => {
    try {
      return act();
    } catch (error) {
      return error;
    }
  };
  const changed = refused(() => cipher.decrypt(emptyCutTo(27), WHERE));
  const says =
    'a value under encryption key "k1" was changed, moved, or made with another key of that id (person)';
  expect(changed).toMatchObject({
    ...{ name: "Undecryptable", message: says, operatorMessage: says, keyId: "k1" },
    ...{ kind: "config", retryable: true, retryAfterMs: 15_000, isLocal: true },
  });
  const missing = 'encryption key "k1" is missing: add it to encryption.keys again (person)';
  for (const other of [noCipher, cipherWith(2)])
    expect(refused(() => other.decrypt(emptyCutTo(28), WHERE))).toMatchObject({ message: missing });
});

test.each([
  ["enc:k1:AAAA", "k1"],
  ["enc:a-2:", "a-2"],
  [`enc:${"k".repeat(20)}:A_-9`, "k".repeat(20)],
  [`enc:${"k".repeat(21)}:AAAA`, undefined],
  ["enc::AAAA", undefined],
  ["enc:K1:AAAA", undefined],
  ["enc:k1:AA=A", undefined],
  ["enc:k1:AAAA ", undefined],
  [" enc:k1:AAAA", undefined],
  ["plain:enc:k1:AAAA", undefined],
])("the key of %j is %s", (stored, id) => {
  expect(keyOf(stored)).toBe(id);
});

test.each([
  ["Ada", "Ada"],
  ["enc:anything", "plain:enc:anything"],
  ["plain:anything", "plain:plain:anything"],
  ["an enc:thing", "an enc:thing"],
  ["a plain:thing", "a plain:thing"],
])("without keys %j is written as %j, and read again with or without them", (text, stored) => {
  expect(noCipher.encrypt(text, WHERE)).toBe(stored);
  for (const each of [noCipher, cipher]) expect(each.decrypt(stored, WHERE)).toBe(text);
});

test("without keys there is no key in use, none can be missing, and others cannot be set", () => {
  expect(noCipher.current()).toBeUndefined();
  expect(noCipher.missing()).toEqual([]);
  expect(noCipher.renew({ keys: [keyLine(1)], nameKey: "n" })).toBeUndefined();
  expect(noCipher.current()).toBeUndefined();
});

test.each([
  [[""], "there is no key; `deskferry keys new` makes one"],
  [[keyLine(1), "k2"], "key 2 is not of the form ID:KEY, ID of a-z, 0-9 and - (20 at most)"],
  [[`${"k".repeat(21)}:${"a".repeat(64)}`], "key 1 is not of the form"],
  [[`x ${keyLine(1)}`], "key 1 is not of the form"],
  [[`k1:${"a".repeat(63)}`], 'key 1 ("k1") is not 32 bytes as base64 or as 64 hexadecimal digits'],
  [[`k1:${"a".repeat(65)}`], 'key 1 ("k1") is not 32 bytes'],
  [[`k1:${"A".repeat(43)}==`], 'key 1 ("k1") is not 32 bytes'],
  [[`k1:!${"A".repeat(43)}`], 'key 1 ("k1") is not 32 bytes'],
  [[keyLine(1), keyLine(2), keyLine(2)], 'two keys have the id "k2"; give each an id of its own'],
])("keys that cannot be used are refused in words: %#", (lines, says) => {
  expect(() => readKeys(lines)).toThrow(says);
});

test("keys are read in their order, in any spelling", () => {
  const bytes = Buffer.alloc(32, 0xab);
  const hex = bytes.toString("hex");
  const lines = [`a:${hex} b:${hex.toUpperCase()}`, `\n c:${bytes.toString("base64")}\n\n`];
  expect(readKeys(lines)).toEqual(["a", "b", "c"].map((id) => ({ id, bytes })));
  expect(newKey(Date.parse("2026-01-02T23:59:59Z"))).toMatch(/^k20260102-[0-9a-f]{4}:/);
});
