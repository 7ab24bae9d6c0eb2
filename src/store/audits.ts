import { type AuditHead, readEntry, type SealedEntry } from "../domain/audit.ts";
import type { AuditChain } from "../domain/audit-verify.ts";
import { digest } from "../domain/digest.ts";
import { channelTag, keys, SEEN_SECONDS } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** Makes the entry that follows the newest. */
export type Seal = (after: AuditHead | undefined) => SealedEntry;

const AT_ONCE = 500;

interface Append {
  after: AuditHead | undefined;
  sealed: SealedEntry;
  remove?: number;
  once?: string | undefined;
}

/** The audit log of each channel: a chain of entries, each with the hash of the one before. */
export function createAudits(redis: Redis) {
  async function head(channel: string): Promise<AuditHead | undefined> {
    return headOf(await redis.hmget(keys.auditHead(channel), "seq", "hash"));
  }

  /** `newest` when somebody else was faster. */
  async function tryAppend(channel: string, { after, sealed, remove = 0, once }: Append) {
    const { seq, hash, text } = sealed;
    const told = once === undefined ? "" : digest(once);
    const args = [channelTag(channel), after?.hash ?? "", seq, hash, text, remove, told, SEEN_SECONDS];
    const [state, ...newest] = (await runScript(redis, "audit", args)) as [number, ...string[]];
    return { state, newest: headOf(newest) };
  }

  /** Entries that are old, from the oldest on; only so many, the rest is for the next time. */
  async function oldOnes(channel: string, isOld: (at: string) => boolean) {
    const texts = await redis.lrange(keys.audit(channel), 0, MOST_REMOVED - 1);
    const entries = texts.map(readEntry);
    const end = entries.findIndex((entry) => !entry || !isOld(entry.at));
    const count = end === -1 ? entries.length : end;
    const last = entries[count - 1];
    return last ? { count, last: { seq: last.seq, hash: last.hash } } : undefined;
  }

  return {
    head,
    /** Resolves with the entry; undefined when `once` was told in the last 8 days. Nobody can come between. */
    async append(channel: string, seal: Seal, once?: string): Promise<SealedEntry | undefined> {
      let after = await head(channel);
      for (;;) {
        const sealed = seal(after);
        const { state, newest } = await tryAppend(channel, { after, sealed, once });
        if (state >= 0) return state === 1 ? sealed : undefined;
        after = newest;
      }
    },
    /**
     * Removes the oldest entries together with adding one that tells so, at most 10,000; `seal` is given the last of
     * them. Resolves with how many. None when somebody else adds something meanwhile: the next time will do.
     */
    async trim(
      channel: string,
      isOld: (at: string) => boolean,
      seal: (after: AuditHead | undefined, old: { count: number; last: AuditHead }) => SealedEntry,
    ): Promise<number> {
      // Before the entries: whatever else trims or adds makes another one the newest.
      const after = await head(channel);
      const old = await oldOnes(channel, isOld);
      if (!old) return 0;
      const { state } = await tryAppend(channel, { after, sealed: seal(after, old), remove: old.count });
      return state === 1 ? old.count : 0;
    },
    /** The whole chain. What is added meanwhile is left out. */
    async read(channel: string): Promise<AuditChain> {
      const key = keys.audit(channel);
      for (;;) {
        const steps = redis.multi().llen(key).hmget(keys.auditHead(channel), "seq", "hash").lindex(key, 0);
        const [length, newest, first] = ((await steps.exec()) ?? []).map(([, value]) => value);
        const texts: string[] = [];
        for (let at = 0; at < Number(length); at += AT_ONCE)
          texts.push(...(await redis.lrange(key, at, Math.min(at + AT_ONCE, Number(length)) - 1)));
        // Trimming moves all places: then what was read has gaps.
        if ((await redis.lindex(key, 0)) !== first) continue;
        return { channel, texts, head: headOf(newest as (string | null)[]) };
      }
    },
  };
}

const MOST_REMOVED = 10_000;

/** Whatever somebody made of the number: the log goes on, and verifying finds it. */
function headOf([seq, hash]: (string | null)[]): AuditHead | undefined {
  return hash ? { seq: Number(seq) || 0, hash } : undefined;
}

export type Audits = ReturnType<typeof createAudits>;
