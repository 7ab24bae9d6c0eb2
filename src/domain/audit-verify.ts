import { type AuditHead, auditKeyId, hashOf, type ReadEntry, readEntry, trimmedBy } from "./audit.ts";

/** A chain as found. */
export interface AuditChain {
  channel: string;
  /** Oldest first. */
  texts: readonly string[];
  /** As kept beside the chain; undefined when there is none. */
  head: AuditHead | undefined;
}

export interface VerifyOptions {
  /** Those that entries may have been made with, the present one among them; none: hashes without a secret. */
  secrets?: readonly string[];
  /** An entry that was noted outside of Redis: all up to it has been looked at and accepted. */
  anchor?: AuditHead | undefined;
}

/** The first entry that is not as it was made. `seq` is its number, or the number that its place should have. */
export interface AuditFault {
  seq: number;
  says: string;
}

export interface AuditVerdict {
  /** Entries that are as they were made, from the oldest on. */
  good: number;
  fault?: AuditFault;
}

interface Context extends AuditChain {
  /** By their ids. */
  secrets: ReadonlyMap<string, string>;
  anchor: AuditHead | undefined;
}

/** Finds the first entry that was changed, removed, added or reordered. Pure. */
export function verifyAudit(chain: AuditChain, { secrets = [], anchor }: VerifyOptions = {}): AuditVerdict {
  const known = new Map(secrets.map((secret) => [auditKeyId(secret), secret]));
  const context: Context = { ...chain, secrets: known, anchor };
  let prior = beginning(context);
  if (prior && isOther(prior, anchor)) return { good: 0, fault: { seq: prior.seq, says: OTHER } };
  for (const [index, text] of chain.texts.entries()) {
    const entry = readEntry(text);
    const fault = entry && isWhole(entry, context) ? faultOf(entry, prior, { index, context }) : CHANGED;
    // A text that is not what its hash says may lie about its number too: its place tells.
    if (fault) return { good: index, fault: { seq: prior ? prior.seq + 1 : (entry?.seq ?? 1), ...fault } };
    prior = entry;
  }
  const fault = endFault(prior, context);
  return { good: chain.texts.length, ...(fault ? { fault } : {}) };
}

/** What the oldest entry follows: nothing, or what the latest trimming says that it removed. */
function beginning(context: Context): AuditHead | undefined {
  for (const text of context.texts.toReversed()) {
    const entry = readEntry(text);
    const trimmed = entry && isWhole(entry, context) ? trimmedBy(entry) : undefined;
    if (trimmed) return trimmed;
  }
  return undefined;
}

const CHANGED = { says: "was changed, or put there: its text is not what its hash was made of" };
const OTHER = "is not the one that was noted: it, or one before it, was made anew";

function isOther(entry: AuditHead, anchor: AuditHead | undefined): boolean {
  return anchor?.seq === entry.seq && anchor.hash !== entry.hash;
}

/** Of a secret that is not known nobody can tell. */
function isWhole({ key, hash, body }: ReadEntry, { channel, secrets }: Context): boolean {
  const secret = secrets.get(key);
  return (key !== "" && secret === undefined) || hashOf(channel, body, secret) === hash;
}

/** What is wrong with the place of an entry, or with its secret. */
function faultOf(
  entry: ReadEntry,
  prior: AuditHead | undefined,
  { index, context }: { index: number; context: Context },
): AuditFault | undefined {
  const { seq } = entry;
  const expected = (prior?.seq ?? 0) + 1;
  if (seq > expected) return missing(expected, seq - 1, context);
  if (seq < expected) return { seq, says: index === 0 ? PUT_BACK : MOVED };
  if (entry.prev !== (prior?.hash ?? "")) {
    if (index === 0) return { seq, says: "does not follow what was removed before it" };
    return { seq: seq - 1, says: `was replaced: entry ${seq} was made after another one` };
  }
  if (isOther(entry, context.anchor)) return { seq, says: OTHER };
  const says = secretFault(entry, context);
  return says === undefined ? undefined : { seq, says };
}

const PUT_BACK = "was put back: it had been removed because of its age";
const MOVED = "stands behind a later one, or twice: it was added or moved";

function missing(from: number, to: number, { texts }: Context): AuditFault {
  if (texts.some((text) => readEntry(text)?.seq === from))
    return { seq: from, says: "stands behind a later one: entries were reordered" };
  return { seq: from, says: `${from === to ? "is" : `to ${to} are`} missing, and no trimming tells of it` };
}

function secretFault({ seq, key }: ReadEntry, { secrets, anchor }: Context): string | undefined {
  if (key !== "" && !secrets.has(key)) {
    return `was made with a secret that is not known here (${key.slice(0, 8)}): set audit.secret, or add it to audit.formerSecrets`;
  }
  if (key !== "" || secrets.size === 0 || (anchor && seq <= anchor.seq)) return undefined;
  return "was made without audit.secret, so anybody may have made it. If it is from before there was one, look through the entries up to the last such, and give that one as --anchor";
}

/** The newest is what the head says, and what was noted is not newer. */
function endFault(last: AuditHead | undefined, { head, anchor }: Context): AuditFault | undefined {
  const [seq, known] = [last?.seq ?? 0, head?.seq ?? 0];
  if (known > seq) return { seq: seq + 1, says: rest(seq + 1, known) };
  if (known < seq) return { seq: known + 1, says: "was added: the head of the chain is before it" };
  if (last && last.hash !== head?.hash)
    return { seq, says: "was replaced: the head of the chain is another one" };
  if (anchor && anchor.seq > seq) return { seq: seq + 1, says: `${rest(seq + 1, anchor.seq)} of the anchor` };
  return undefined;
}

function rest(from: number, to: number): string {
  return `${from === to ? "is" : `to ${to} are`} missing at the end`;
}
