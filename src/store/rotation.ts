import { setTimeout as sleep } from "node:timers/promises";
import { type Cipher, Undecryptable } from "./cipher.ts";
import { type EncryptedValue, encryptedValues } from "./encrypted-values.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** How many values stand under each key, by its id; "" for plain ones. */
export type Tally = Map<string, number>;

export interface RotateOptions {
  /** How long events that are being handled are waited for, in milliseconds. */
  waitMs: number;
  /** Gets a line now and then. No personal data. */
  tell(line: string): void;
}

export interface Rotated {
  /** Values that were put under the key in use. */
  renewed: number;
  /** Events that were still being handled at the end. */
  atWork: number;
  /** Values that could not be decrypted, by the id of their key. They stay as they are. */
  undecryptable: Tally;
}

const AT_ONCE = 500;
const LOOK_MS = 200;

/** What stands under which key, and putting all of it under the one in use. Reads all keys; others go on meanwhile. */
export function createRotation(redis: Redis, cipher: Cipher) {
  async function tally(): Promise<Tally> {
    const counts: Tally = new Map();
    for await (const { keyId = "" } of encryptedValues(redis, cipher)) add(counts, keyId);
    return counts;
  }

  async function pass(told: (renewed: number) => void) {
    let renewed = 0;
    let atWork = 0;
    const undecryptable: Tally = new Map();
    for await (const batch of batches(old(redis, cipher))) {
      const answers = await Promise.all(batch.map((value) => renew(redis, value, undecryptable)));
      renewed += answers.filter((answer) => answer === 1).length;
      atWork += answers.filter((answer) => answer === -1).length;
      told(renewed);
    }
    return { renewed, atWork, undecryptable };
  }

  return {
    tally,
    /** Until a look finds nothing that it could still put under the key in use. */
    async rotate({ waitMs, tell }: RotateOptions): Promise<Rotated> {
      const end = performance.now() + waitMs;
      for (let renewed = 0; ; await sleep(LOOK_MS)) {
        const before = renewed;
        const found = await pass((now) => tell(`${before + now} values are under the new key`));
        renewed += found.renewed;
        const isDone = found.renewed + found.atWork === 0;
        if (isDone || performance.now() > end) return { ...found, renewed };
        if (found.atWork > 0) tell(`${found.atWork} events are being handled; their end is waited for`);
      }
    },
  };
}

async function* old(redis: Redis, cipher: Cipher): AsyncGenerator<EncryptedValue> {
  for await (const value of encryptedValues(redis, cipher)) {
    if (value.keyId !== cipher.current()) yield value;
  }
}

async function* batches<T>(all: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const one of all) {
    batch.push(one);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** As re-encrypt.lua answers; undefined for what cannot be decrypted. */
async function renew(redis: Redis, value: EncryptedValue, undecryptable: Tally): Promise<unknown> {
  try {
    const { key, type, field = "", stored, head = "" } = value;
    const beside = value.beside?.() ?? ["", ""];
    const args = [key, type, field, stored, value.renewed(), head, ...beside];
    return await runScript(redis, "re-encrypt", args);
  } catch (error) {
    if (!(error instanceof Undecryptable)) throw error;
    add(undecryptable, error.keyId);
    return undefined;
  }
}

function add(counts: Tally, keyId: string): void {
  counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
}
