import { type Cipher, createCipher, type EncryptionSettings } from "../../src/store/cipher.ts";

/** The n-th key of tests, as a line of the settings. */
export function keyLine(n: number): string {
  return `k${n}:${Buffer.alloc(32, n).toString("base64")}`;
}

/** Settings with these keys of tests, the first of which encrypts. */
export function encryptionWith(...numbers: [number, ...number[]]): EncryptionSettings & { keys: string[] } {
  return { keys: numbers.map(keyLine), nameKey: "the name key of all tests, 32 and more" };
}

/** Their cipher. */
export function cipherWith(...numbers: [number, ...number[]]): Cipher {
  return createCipher(encryptionWith(...numbers));
}
