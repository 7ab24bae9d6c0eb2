import { randomBytes } from "node:crypto";
import { isValid, newToken, type TokenRecord, tokenId, tokenScopes } from "../domain/token.ts";
import type { Admit } from "../http/admission.ts";
import type { Clock } from "../sdk/clock.ts";
import { connectRedis } from "../store/connection.ts";
import { createStore, type Store } from "../store/store.ts";
import { createAudit } from "./audit.ts";
import { operator } from "./operator.ts";
import type { Settings } from "./settings.ts";

/** The names of all scopes. */
export function scopeNames(): readonly string[] {
  return tokenScopes;
}

/** What `deskferry token` does, on the Redis of the settings. `close` when done. */
export async function openTokens({ config }: Pick<Settings, "config">, clock: Clock = { now: Date.now }) {
  const redis = await connectRedis(config.redis, "operator");
  const { tokens, audits } = createStore(redis);
  const channels = Object.keys(config.channels);
  const audit = createAudit({ settings: config.audit, audits, by: operator(), clock });
  return {
    list: tokens.list,
    /** The token is told here and never again. Names that are no scope count for nothing. */
    async create(names: readonly string[], days: number): Promise<{ token: string; expiresAt: string }> {
      const scopes = tokenScopes.filter((scope) => names.includes(scope));
      const { token, record } = newToken({ scopes, now: clock.now(), days }, randomBytes);
      const { id, expiresAt } = record;
      const detail = { token: id, scopes: scopes.join(","), expiresAt };
      await audit.record(channels, { what: "token.created", detail });
      await tokens.add(record);
      return { token, expiresAt };
    },
    /** Refused from now on; false when there was none of this id. */
    async revoke(id: string): Promise<boolean> {
      if (!(await tokens.find(id))) return false;
      await audit.record(channels, { what: "token.revoked", detail: { token: id } });
      return tokens.remove(id);
    },
    close: async () => redis.disconnect(),
  };
}

const MINUTE_MS = 60_000;

/** While Redis does not answer, a token is believed that was good so short a time ago: figures are wanted then above all. */
const BELIEVED_MS = 15 * MINUTE_MS;

/** Looks tokens up at each request. Uses are noted once a minute and process. */
export function createAdmission(tokens: Store["tokens"], clock: Clock): Admit {
  const noted = new Map<string, number>();
  const seen = new Map<string, { record: TokenRecord; at: number }>();

  async function find(id: string): Promise<TokenRecord | undefined> {
    try {
      const record = await tokens.find(id);
      if (record) seen.set(id, { record, at: clock.now() });
      else seen.delete(id);
      return record;
    } catch (error) {
      const known = seen.get(id);
      if (known && clock.now() - known.at < BELIEVED_MS) return known.record;
      throw error;
    }
  }

  return async (token, scope) => {
    const id = tokenId(token);
    if (id === undefined) return "unknown";
    const record = await find(id);
    const now = clock.now();
    if (!isValid(token, record, now)) return "unknown";
    if (!record?.scopes.includes(scope)) return "other_scope";
    if (now - (noted.get(id) ?? 0) >= MINUTE_MS) {
      noted.set(id, now);
      // That it was used is no reason to refuse it.
      await tokens.noteUse(id, new Date(now).toISOString()).catch(() => undefined);
    }
    return "admitted";
  };
}
