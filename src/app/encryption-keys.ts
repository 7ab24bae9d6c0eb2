import { connectRedis } from "../store/connection.ts";
import { readKeys } from "../store/content-keys.ts";
import { openCipher } from "../store/name-key.ts";
import { createRotation, type Rotated, type RotateOptions } from "../store/rotation.ts";
import { createStore } from "../store/store.ts";
import { createAudit } from "./audit.ts";
import { operator } from "./operator.ts";
import type { Settings } from "./settings.ts";

/** What stands under a key. */
export interface KeyUse {
  /** "" for what stands in clear. */
  id: string;
  /** `missing`: the settings do not have it. */
  state: "encrypts" | "decrypts" | "missing" | "plain";
  values: number;
}

/** The settings have no `encryption`. */
export class NoEncryption extends Error {
  constructor() {
    super("the settings have no `encryption`: add keys and nameKey first, see docs/encryption.md");
    this.name = "NoEncryption";
  }
}

/** What operators do with the keys of contents, on the Redis of the settings. `close` when done. */
export async function openEncryptionKeys({ config }: Pick<Settings, "config">) {
  const { encryption } = config;
  if (!encryption) throw new NoEncryption();
  const redis = await connectRedis(config.redis, "worker");
  const cipher = await openCipher(redis, encryption);
  const { audits } = createStore(redis, cipher);
  const audit = createAudit({ settings: config.audit, audits, by: operator(), clock: { now: Date.now } });
  const rotation = createRotation(redis, cipher);
  const configured = readKeys(encryption.keys).map(({ id }) => id);

  return {
    /** In the order of the settings, then those that are missing, then what is plain. */
    async list(): Promise<KeyUse[]> {
      const counts = await rotation.tally();
      const missing = [...counts.keys()].filter((id) => id !== "" && !configured.includes(id)).sort();
      const plain = counts.get("") ?? 0;
      return [
        ...configured.map((id, index): KeyUse => {
          return { id, state: index === 0 ? "encrypts" : "decrypts", values: counts.get(id) ?? 0 };
        }),
        ...missing.map((id): KeyUse => ({ id, state: "missing", values: counts.get(id) ?? 0 })),
        ...(plain > 0 ? [{ id: "", state: "plain", values: plain } as const] : []),
      ];
    },
    /** Puts all under the first key. Processes may run; they must know that key already. */
    async rotate(options: RotateOptions): Promise<Rotated> {
      const key = configured[0] ?? "";
      await audit.record(Object.keys(config.channels), { what: "keys.rotated", detail: { key } });
      return rotation.rotate(options);
    },
    close: async () => redis.disconnect(),
  };
}
