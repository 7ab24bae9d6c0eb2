import { type AuditDeed, type AuditHead, sealEntry } from "../../src/domain/audit.ts";
import type { AuditChain } from "../../src/domain/audit-verify.ts";

export const CHANNEL = "city";

/** A chain to be made and tampered with, entry n at texts[n - 1] until something is trimmed. */
export interface MadeChain {
  texts: string[];
  heads: AuditHead[];
  /** As read from Redis. */
  found(): AuditChain;
  add(deed: AuditDeed, secret?: string): void;
}

export function makeChain(count: number, secret?: string): MadeChain {
  const chain: MadeChain = {
    texts: [],
    heads: [],
    found: () => ({ channel: CHANNEL, texts: chain.texts, head: chain.heads.at(-1) }),
    add(deed, key = secret) {
      const about = { at: "2026-11-02T09:00:00.000Z", by: "user:ada", secret: key };
      const { text, seq, hash } = sealEntry(CHANNEL, chain.heads.at(-1), { ...deed, ...about });
      chain.texts.push(text);
      chain.heads.push({ seq, hash });
    },
  };
  for (let n = 1; n <= count; n++) chain.add(replayed(n));
  return chain;
}

export function replayed(n: number): AuditDeed {
  return { what: "dead.replayed", detail: { letter: `letter ${n}` } };
}
