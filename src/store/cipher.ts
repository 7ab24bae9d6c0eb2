import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { Failure } from "../domain/failure.ts";
import { type Alias, personIdOf } from "../domain/person.ts";
import { type ContentKey, readKeys } from "./content-keys.ts";

/** What a value is, of which channel, of what: a value put elsewhere cannot be decrypted. */
export type Where = readonly [kind: string, ...of: string[]];

/** As `encryption` of the settings. */
export interface EncryptionSettings {
  /** `ID:KEY`, several of them separated by white space or each by itself. The first encrypts, all decrypt. */
  keys: readonly string[];
  /** What our ids of people are made with. */
  nameKey: string;
}

/** The one way by which personal values get into Redis and out of it. */
export interface Cipher {
  /** Id of the key that encrypts; undefined where values stay plain. */
  current(): string | undefined;
  encrypt(text: string, where: Where): string;
  /** What was written plain comes back as it is. Throws Undecryptable. */
  decrypt(stored: string, where: Where): string;
  /** Our id for an alias. The first is the one in use; a second is what it was without a key. */
  namesOf(alias: Alias): readonly [string, string?];
  /** Other keys from now on. The name key stays. */
  renew(settings: EncryptionSettings): void;
  /** Ids of keys that were asked for and are not there. */
  missing(): string[];
}

const KEY_WAIT_MS = 15_000;

/** The value stays where it is: with its key it can be read, and until then what needs it waits. */
export class Undecryptable extends Error implements Failure {
  /** An operator must act, and nothing is given up meanwhile. */
  readonly kind = "config";
  readonly retryable = true;
  readonly retryAfterMs = KEY_WAIT_MS;
  readonly isLocal = true;
  /** No part of the value. */
  readonly operatorMessage: string;
  readonly keyId: string;

  constructor(keyId: string, { kind, isMissing }: { kind: string; isMissing: boolean }) {
    const says = isMissing
      ? `encryption key "${keyId}" is missing: add it to encryption.keys again (${kind})`
      : `a value under encryption key "${keyId}" was changed, moved, or made with another key of that id (${kind})`;
    super(says);
    this.name = "Undecryptable";
    this.operatorMessage = says;
    this.keyId = keyId;
  }
}

const ENCRYPTED = /^enc:([a-z0-9-]{1,20}):([A-Za-z0-9_-]*)$/;
/** What is written plain but would be taken for something else. */
const AMBIGUOUS = /^(enc|plain):/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Id of the key that a stored value needs; undefined for a plain one. */
export function keyOf(stored: string): string | undefined {
  return ENCRYPTED.exec(stored)?.[1];
}

/** Without settings nothing is encrypted, and people's ids are digests without a key. */
export function createCipher(settings?: EncryptionSettings): Cipher {
  return settings ? keyed(settings) : noCipher;
}

/** Leaves everything as it is. */
export const noCipher: Cipher = {
  current: () => undefined,
  encrypt: (text) => (AMBIGUOUS.test(text) ? `plain:${text}` : text),
  decrypt: (stored, [kind]) => {
    const keyId = keyOf(stored);
    if (keyId !== undefined) throw new Undecryptable(keyId, { kind, isMissing: true });
    return plainOf(stored);
  },
  namesOf: (alias) => [personIdOf(alias)],
  renew: () => undefined,
  missing: () => [],
};

function keyed({ keys: texts, nameKey }: EncryptionSettings): Cipher {
  let keys = readKeys(texts);
  const missing = new Set<string>();
  return {
    current: () => keys[0].id,
    encrypt: (text, where) => encrypt(text, where, keys[0]),
    decrypt(stored, where) {
      const keyId = keyOf(stored);
      if (keyId === undefined) return plainOf(stored);
      const key = keys.find(({ id }) => id === keyId);
      if (!key) missing.add(keyId);
      return decrypt(stored, where, key);
    },
    namesOf: (alias) => [nameOf(alias, nameKey), personIdOf(alias)],
    renew(settings) {
      keys = readKeys(settings.keys);
    },
    missing: () => [...missing].filter((id) => !keys.some((key) => key.id === id)),
  };
}

/** As long as a name without a key, so that both may stand side by side. */
function nameOf(alias: Alias, nameKey: string): string {
  return createHmac("sha256", nameKey).update(alias).digest("hex").slice(0, 20);
}

function plainOf(stored: string): string {
  return stored.startsWith("plain:") ? stored.slice("plain:".length) : stored;
}

function bindingOf(keyId: string, where: Where): string {
  return JSON.stringify(["deskferry", keyId, ...where]);
}

/**
 * Each place has a key of its own, so that a nonce drawn twice in four billion values means nothing: random nonces of 96
 * bits are safe for 2^32 values under one key (NIST SP 800-38D, 8.3).
 */
function keyFor(binding: string, { bytes }: ContentKey): Buffer {
  return createHmac("sha256", bytes).update(binding).digest();
}

function encrypt(text: string, where: Where, key: ContentKey): string {
  const binding = bindingOf(key.id, where);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyFor(binding, key), nonce);
  cipher.setAAD(Buffer.from(binding));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `enc:${key.id}:${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url")}`;
}

function decrypt(stored: string, where: Where, key: ContentKey | undefined): string {
  const [, keyId = "", encoded = ""] = ENCRYPTED.exec(stored) ?? [];
  const [kind] = where;
  if (!key) throw new Undecryptable(keyId, { kind, isMissing: true });
  const bytes = Buffer.from(encoded, "base64url");
  const binding = bindingOf(keyId, where);
  try {
    // Else a shorter tag, which is easier to forge, would do.
    if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString("base64url") !== encoded) throw new Error();
    const decipher = createDecipheriv("aes-256-gcm", keyFor(binding, key), bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(binding));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  } catch {
    throw new Undecryptable(keyId, { kind, isMissing: false });
  }
}
