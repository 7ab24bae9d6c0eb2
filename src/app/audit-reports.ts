import { type AuditEntry, type AuditHead, auditKeyId, readEntry } from "../domain/audit.ts";
import { type AuditVerdict, verifyAudit } from "../domain/audit-verify.ts";
import { connectRedis } from "../store/connection.ts";
import { createStore } from "../store/store.ts";
import type { Settings } from "./settings.ts";

/** The audit log of one channel, looked through. */
export interface AuditReport extends AuditVerdict {
  channel: string;
  /** Times of the oldest and the newest. */
  first?: string;
  last?: string;
  /** To note outside of Redis: `<channel>:<seq>:<hash>`. */
  anchor?: string;
}

/** What `deskferry audit` shows, on the Redis of the settings. `close` when done. */
export async function openAuditReports({ config }: Settings) {
  const redis = await connectRedis(config.redis, "operator");
  const { audits } = createStore(redis);
  const channels = Object.keys(config.channels);
  const { secret, formerSecrets } = config.audit;
  return {
    channels,
    /** Whether `verify` can tell a new log from the real one. */
    secretId: secret === undefined ? undefined : auditKeyId(secret),
    /** Oldest first. What cannot be read is left out: `verify` names it. */
    async list(channel: string): Promise<AuditEntry[]> {
      const { texts } = await audits.read(channel);
      return texts.flatMap((text) => readEntry(text) ?? []);
    },
    async verify(channel: string, anchor: AuditHead | undefined): Promise<AuditReport> {
      const chain = await audits.read(channel);
      const secrets = [...(secret === undefined ? [] : [secret]), ...formerSecrets];
      const verdict = verifyAudit(chain, { secrets, anchor });
      const [first, last] = [chain.texts[0], chain.texts.at(-1)].map((text) => text && readEntry(text)?.at);
      const { head } = chain;
      return {
        channel,
        ...verdict,
        ...(first && last ? { first, last } : {}),
        ...(head && !verdict.fault ? { anchor: `${channel}:${head.seq}:${head.hash}` } : {}),
      };
    },
    close: async () => redis.disconnect(),
  };
}

export type AuditReports = Awaited<ReturnType<typeof openAuditReports>>;
