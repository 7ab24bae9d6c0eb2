import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCipher, keyOf, noCipher, Undecryptable, type Where } from "../../src/store/cipher.ts";
import { newKey } from "../../src/store/content-keys.ts";
import { cipherWith, keyLine } from "../support/ciphers.ts";

const NAME_KEY = "n".repeat(32);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string().map((rest) => `enc:k1:${rest}`),
  fc.constant("plain:x"),
);
const place = fc
  .tuple(fc.string(), fc.array(fc.string(), { maxLength: 4 }))
  .map(([kind, rest]): Where => [kind, ...rest]);

/** The error that decrypting ends with. */
function refused(stored: string, where: Where, cipher = cipherWith(1)): Undecryptable {
  try {
    cipher.decrypt(stored, where);
  } catch (error) {
    if (error instanceof Undecryptable) return error;
    throw error;
  }
  throw new Error("it was decrypted");
}

describe("S43: an encrypted value", () => {
  const cipher = cipherWith(1);

  test("comes back as it was, and shows its key's id only", () => {
    fc.assert(
      fc.property(text, place, (value, where) => {
        const stored = cipher.encrypt(value, where);
        expect(cipher.decrypt(stored, where)).toBe(value);
        expect(keyOf(stored)).toBe("k1");
        expect(stored).toMatch(/^enc:k1:[A-Za-z0-9_-]+$/);
      }),
      { numRuns: 1000 },
    );
  });

  test("of an earlier version is still read: bytes, their order and what they are bound to stay as they are", () => {
    const stored = "enc:k1:1_fXl4GOz_Ic8NgUlo4Gd_XI5-UhaM_qrpGSsUXgDHf9Kptb7g";
    expect(cipher.decrypt(stored, ["person", "city", "name"])).toBe("Zoë 👋");
  });

  test("is another each time, so that nobody sees that two are the same", () => {
    const all = Array.from({ length: 1000 }, () => cipher.encrypt("Ada", ["person", "city", "name"]));
    expect(new Set(all).size).toBe(1000);
  });

  test("with any bit flipped is refused", () => {
    fc.assert(
      fc.property(text, place, fc.nat(), (value, where, at) => {
        const stored = cipher.encrypt(value, where);
        const bytes = Buffer.from(stored.slice("enc:k1:".length), "base64url");
        const bit = at % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(refused(`enc:k1:${bytes.toString("base64url")}`, where).operatorMessage).toContain(
          "was changed",
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("cut short anywhere is refused", () => {
    const stored = cipher.encrypt("Ada", ["a"]);
    for (let end = "enc:k1:".length; end < stored.length; end++)
      expect(refused(stored.slice(0, end), ["a"])).toBeInstanceOf(Undecryptable);
  });

  test("put anywhere else is refused", () => {
    fc.assert(
      fc.property(text, place, place, (value, where, other) => {
        fc.pre(JSON.stringify(where) !== JSON.stringify(other));
        expect(refused(cipher.encrypt(value, where), other).keyId).toBe("k1");
      }),
      { numRuns: 1000 },
    );
  });

  test("under a key that is not there, or another of the same id, is refused by the key's id, without its text", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), place, (value, where) => {
        const stored = cipherWith(2).encrypt(value, where);
        const missing = refused(stored, where);
        expect(missing.message).toBe(
          `encryption key "k2" is missing: add it to encryption.keys again (${where[0]})`,
        );
        const other = createCipher({ keys: [keyLine(3).replace("k3", "k2")], nameKey: NAME_KEY });
        expect(refused(stored, where, other)).toMatchObject({ keyId: "k2", kind: "config", retryable: true });
      }),
    );
  });

  test("is read with any of the keys, and written with the first", () => {
    const stored = cipherWith(2).encrypt("Ada", ["a"]);
    const both = cipherWith(1, 2);
    expect(both.decrypt(stored, ["a"])).toBe("Ada");
    expect(keyOf(both.encrypt("Ada", ["a"]))).toBe("k1");
  });

  test("is missed until its key is there again", () => {
    const one = cipherWith(1);
    refused(cipherWith(2).encrypt("Ada", ["a"]), ["a"], one);
    expect(one.missing()).toEqual(["k2"]);
    one.renew({ keys: [`${keyLine(1)}\n${keyLine(2)}\n`], nameKey: NAME_KEY });
    expect(one.missing()).toEqual([]);
  });
});

describe("a plain value", () => {
  test("stands as it is without keys, is never taken for an encrypted one, and is read with keys too", () => {
    fc.assert(
      fc.property(text, place, (value, where) => {
        const stored = noCipher.encrypt(value, where);
        expect(keyOf(stored)).toBeUndefined();
        for (const cipher of [noCipher, cipherWith(1)]) expect(cipher.decrypt(stored, where)).toBe(value);
      }),
    );
    expect(noCipher.encrypt("Ada", ["a"])).toBe("Ada");
  });

  test("cannot be had from an encrypted one without keys", () => {
    expect(refused(cipherWith(1).encrypt("Ada", ["a"]), ["a"], noCipher).keyId).toBe("k1");
  });
});

describe("names of people", () => {
  test("cannot be computed without the name key, do not change with the other keys, and tell what they were before", () => {
    const [name, before] = cipherWith(1).namesOf("phone:+447700900123");
    expect(name).toMatch(/^[0-9a-f]{20}$/);
    expect(cipherWith(2, 1).namesOf("phone:+447700900123")).toEqual([name, before]);
    expect(noCipher.namesOf("phone:+447700900123")).toEqual([before]);
    const other = createCipher({ keys: [keyLine(1)], nameKey: NAME_KEY });
    expect(other.namesOf("phone:+447700900123")[0]).not.toBe(name);
  });
});

describe("keys", () => {
  test("are taken as base64, base64url and hexadecimal digits, one a line", () => {
    const bytes = Buffer.alloc(32, 0xfb);
    const forms = ["base64", "base64url", "hex"] as const;
    const stored = createCipher({ keys: [`a:${bytes.toString("hex")}`], nameKey: NAME_KEY }).encrypt("Ada", [
      "a",
    ]);
    for (const form of forms) {
      const keys = [`${keyLine(1)}\r\n\na:${bytes.toString(form)}\n`];
      expect(createCipher({ keys, nameKey: NAME_KEY }).decrypt(stored, ["a"])).toBe("Ada");
    }
  });

  test.each([
    ["", "there is no key"],
    ["k1", "key 1 is not of the form"],
    ["K 1:abc", "key 1 is not of the form"],
    ["k1:c2hvcnQ=", 'key 1 ("k1") is not 32 bytes'],
    [`${keyLine(1)} ${keyLine(1)}`, 'two keys have the id "k1"'],
  ])("that are none are refused without being repeated: %s", (given, says) => {
    expect(() => createCipher({ keys: [given], nameKey: NAME_KEY })).toThrow(says);
  });

  test("that are made can be used, and are never the same", () => {
    const at = Date.parse("2026-11-21T12:00:00Z");
    const line = newKey(at);
    expect(line).toMatch(/^k20261121-[0-9a-f]{4}:[A-Za-z0-9+/]{43}=$/);
    expect(newKey(at)).not.toBe(line);
    expect(createCipher({ keys: [line], nameKey: NAME_KEY }).current()).toBe(line.split(":")[0]);
  });
});
