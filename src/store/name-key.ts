import { type Cipher, createCipher, type EncryptionSettings } from "./cipher.ts";
import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";

/** This Redis was written with another name key, or with one where there is none now. */
export class WrongNameKey extends Error {
  constructor(isMissing: boolean) {
    super(
      isMissing
        ? "this Redis holds encrypted data, but the settings have no `encryption`: put keys and nameKey back"
        : "encryption.nameKey is not the one that this Redis was begun with: put that one back. With another, everybody who wrote before would be somebody new",
    );
    this.name = "WrongNameKey";
  }
}

/**
 * The cipher of the settings, once it is known that this Redis was written with the same name key. Throws WrongNameKey.
 */
export async function openCipher(redis: Redis, settings: EncryptionSettings | undefined): Promise<Cipher> {
  const cipher = createCipher(settings);
  await confirmNameKey(redis, cipher);
  return cipher;
}

/** The first that comes with a name key leaves a mark of it; it tells nothing of the key. */
async function confirmNameKey(redis: Redis, cipher: Cipher): Promise<void> {
  const [mark] = cipher.namesOf("mark of the name key");
  const isOn = cipher.current() !== undefined;
  if (isOn) await redis.set(keys.nameKeyMark(), mark, "NX");
  const found = await redis.get(keys.nameKeyMark());
  if (found !== null && (!isOn || found !== mark)) throw new WrongNameKey(!isOn);
}
