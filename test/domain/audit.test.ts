import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditKeyId, hashOf, readEntry, trimming } from "../../src/domain/audit.ts";
import { type VerifyOptions, verifyAudit } from "../../src/domain/audit-verify.ts";
import { CHANNEL, type MadeChain, makeChain, replayed } from "../support/audit-chain.ts";

const SECRET = "a secret that is long enough to be one";
const FORMER = "the secret of last year, as long as that";

/** Entry n with a text of its own, and a hash that fits: what somebody without the secret can do. */
function forged(text: string, change: (entry: Record<string, unknown>) => void): string {
  const entry = JSON.parse(text.slice(text.indexOf(" "))) as Record<string, unknown>;
  change(entry);
  const body = JSON.stringify({ ...entry, key: "" });
  return `${hashOf(CHANNEL, body, undefined)} ${body}`;
}

function fault(chain: MadeChain, options?: VerifyOptions) {
  return verifyAudit(chain.found(), options).fault;
}

describe("a chain as it was made", () => {
  it("is good, with a secret or without, also when there is nothing yet", () => {
    expect(verifyAudit(makeChain(0).found())).toEqual({ good: 0 });
    expect(verifyAudit(makeChain(7).found())).toEqual({ good: 7 });
    expect(verifyAudit(makeChain(7, SECRET).found(), { secrets: [SECRET] })).toEqual({ good: 7 });
  });

  it("stays good when its oldest entries are removed for their age, again and again, down to the last", () => {
    const chain = makeChain(5, SECRET);
    for (const count of [2, 3, 2]) {
      trim(chain, count);
      expect(fault(chain, { secrets: [SECRET] })).toBeUndefined();
    }
    expect(chain.texts).toHaveLength(1);
  });

  it("holds no secret, and is another one for another channel", () => {
    const chain = makeChain(1, SECRET);
    expect(chain.texts[0]).not.toContain(SECRET);
    expect(readEntry(chain.texts[0] ?? "")?.key).toBe(auditKeyId(SECRET));
    const elsewhere = { ...chain.found(), channel: "port" };
    expect(verifyAudit(elsewhere, { secrets: [SECRET] }).fault).toMatchObject({ seq: 1 });
  });
});

describe("verifying names the first entry", () => {
  it("that was changed", () => {
    const chain = makeChain(6);
    chain.texts[3] = (chain.texts[3] ?? "").replace("letter 4", "letter 9");
    expect(fault(chain)).toEqual({ seq: 4, says: expect.stringContaining("was changed") });
  });

  it("that was changed together with its number", () => {
    const chain = makeChain(6);
    chain.texts[3] = (chain.texts[3] ?? "").replace('"seq":4', '"seq":5');
    expect(fault(chain)).toMatchObject({ seq: 4 });
  });

  it("that was changed and given a hash that fits", () => {
    const chain = makeChain(6);
    chain.texts[3] = forged(chain.texts[3] ?? "", (entry) => {
      entry["by"] = "user:eve";
    });
    expect(fault(chain)).toEqual({ seq: 4, says: expect.stringContaining("was replaced") });
    chain.texts.splice(4);
    expect(verifyAudit({ ...chain.found(), head: chain.heads[3] }).fault).toMatchObject({ seq: 4 });
  });

  it.each([
    ["the first", 0, 1, 1, "is missing"],
    ["one between", 2, 1, 3, "is missing"],
    ["several", 2, 3, 3, "to 5 are missing"],
    ["the last", 5, 1, 6, "is missing at the end"],
    ["all", 0, 6, 1, "to 6 are missing at the end"],
  ])("that was removed: %s", (_, from, count, seq, says) => {
    const chain = makeChain(6);
    chain.texts.splice(from, count);
    expect(fault(chain)).toEqual({ seq, says: expect.stringContaining(says) });
  });

  it("that was added: one between, one at the end, one that had been removed for its age", () => {
    const between = makeChain(6);
    between.texts.splice(4, 0, between.texts[1] ?? "");
    expect(fault(between)).toEqual({ seq: 2, says: expect.stringContaining("was added") });

    const longer = makeChain(6);
    const head = longer.heads.at(-1);
    longer.add(replayed(7));
    expect(verifyAudit({ ...longer.found(), head }).fault).toMatchObject({ seq: 7 });

    const trimmed = makeChain(6);
    const [first = ""] = trimmed.texts;
    trim(trimmed, 1);
    trimmed.texts.unshift(first);
    expect(fault(trimmed)).toEqual({ seq: 1, says: expect.stringContaining("put back") });
  });

  it("that is out of order", () => {
    const chain = makeChain(6);
    const [third = "", fifth = ""] = [chain.texts[2], chain.texts[4]];
    chain.texts[2] = fifth;
    chain.texts[4] = third;
    expect(fault(chain)).toEqual({ seq: 3, says: expect.stringContaining("reordered") });
  });

  it("that is missing beyond what a trimming tells of", () => {
    const chain = makeChain(6);
    trim(chain, 2);
    chain.texts.splice(0, 1);
    expect(fault(chain)).toEqual({ seq: 3, says: expect.stringContaining("is missing") });
  });

  it("whatever is done to a chain, and no later one", () => {
    const tampering = fc.record({
      length: fc.integer({ min: 3, max: 12 }),
      trimmed: fc.nat({ max: 4 }),
      at: fc.nat(),
      to: fc.nat(),
      how: fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[])),
      secret: fc.constantFrom(undefined, SECRET),
      letter: fc.nat(),
    });
    fc.assert(
      fc.property(tampering, ({ trimmed, how, secret, letter, ...given }) => {
        const chain = makeChain(given.length + trimmed, secret);
        if (trimmed > 0) trim(chain, trimmed);
        const { length } = chain.texts;
        const at = given.at % length;
        const to = (at + 1 + (given.to % (length - 1))) % length;
        const first = deeds[how](chain.texts, { at, to, letter });
        const { good, fault: found } = verifyAudit(chain.found(), secret ? { secrets: [secret] } : {});
        // Without the entry that tells of the trimming all that it removed is missing, unless only its secret is unknown.
        const isLost = trimmed > 0 && at === length - 1 && (how === "change" || how === "remove");
        expect([trimmed + first + 1, ...(isLost ? [1] : [])]).toContain(found?.seq);
        if (!isLost) expect(good).toBeGreaterThanOrEqual(first);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Removes the oldest entries as age does. */
function trim(chain: MadeChain, count: number): void {
  const gone = chain.heads.length - chain.texts.length + count;
  chain.add(trimming(chain.heads[gone - 1] ?? { seq: 0, hash: "" }, count));
  chain.texts.splice(0, count);
}

interface Places {
  at: number;
  /** Another one. */
  to: number;
  letter: number;
}

/** What can be done to a chain, and the place of the first entry that then is not as it was. */
const deeds = {
  change(texts: string[], { at, letter }: Places): number {
    const text = texts[at] ?? "";
    const place = letter % text.length;
    texts[at] = text.slice(0, place) + (text[place] === "0" ? "1" : "0") + text.slice(place + 1);
    return at;
  },
  remove(texts: string[], { at }: Places): number {
    texts.splice(at, 1);
    return at;
  },
  swap(texts: string[], { at, to }: Places): number {
    const [one = "", other = ""] = [texts[at], texts[to]];
    texts[at] = other;
    texts[to] = one;
    return Math.min(at, to);
  },
  /** Behind its original the copy is one too many; before it, those between are missing at first. */
  copy(texts: string[], { at, to }: Places): number {
    texts.splice(to, 0, texts[at] ?? "");
    return Math.min(at, to);
  },
};

describe("without a secret", () => {
  it("a chain that was made anew as a whole is good, unless an entry was noted elsewhere", () => {
    const [real, anew] = [makeChain(6), makeChain(0)];
    for (let n = 11; n <= 16; n++) anew.add(replayed(n));
    expect(fault(anew)).toBeUndefined();
    expect(fault(anew, { anchor: real.heads[3] })).toEqual({
      seq: 4,
      says: expect.stringContaining("is not the one that was noted"),
    });
    expect(fault(real, { anchor: real.heads[3] })).toBeUndefined();
  });

  it("the newest entries can be removed together with the head, unless the last was noted elsewhere", () => {
    const [real, shorter] = [makeChain(6), makeChain(4)];
    expect(fault(shorter)).toBeUndefined();
    const says = expect.stringContaining("to 6 are missing at the end of the anchor");
    expect(fault(shorter, { anchor: real.heads[5] })).toEqual({ seq: 5, says });
  });

  it("an anchor also tells of what has been removed for its age since, as far as it can", () => {
    const chain = makeChain(6);
    const [, second] = chain.heads;
    trim(chain, 2);
    expect(fault(chain, { anchor: second })).toBeUndefined();
    expect(fault(chain, { anchor: { seq: 2, hash: "0".repeat(64) } })).toMatchObject({ seq: 2 });
    expect(fault(chain, { anchor: { seq: 1, hash: "0".repeat(64) } })).toBeUndefined();
  });
});

describe("with a secret", () => {
  it("nobody without it can make an entry, however the rest fits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.boolean(), (from, isMarked) => {
        const chain = makeChain(from - 1, SECRET);
        const other = isMarked ? "guessed, but of the right length too" : undefined;
        for (let n = from; n <= 8; n++) chain.add(replayed(n), other ?? undefined);
        if (!isMarked) {
          chain.texts.splice(from - 1);
          chain.heads.splice(from - 1);
          const plain = makeChain(0);
          plain.heads.push(...chain.heads);
          for (let n = from; n <= 8; n++) plain.add(replayed(n));
          chain.texts.push(...plain.texts);
          chain.heads.splice(0, chain.heads.length, ...plain.heads);
        }
        expect(fault(chain, { secrets: [SECRET] })).toMatchObject({ seq: from });
      }),
    );
  });

  it.each([undefined, "guessed, but of the right length too"])(
    "an entry that claims to be made with it is found, whatever its hash was made with: %s",
    (other) => {
      const chain = makeChain(3, SECRET);
      const body = (chain.texts[2] ?? "").slice(65).replace("user:ada", "user:eve");
      const hash = hashOf(CHANNEL, body, other);
      chain.texts[2] = `${hash} ${body}`;
      const head = { seq: 3, hash };
      expect(verifyAudit({ ...chain.found(), head }, { secrets: [SECRET] }).fault).toMatchObject({ seq: 3 });
    },
  );

  it("entries from before there was one are accepted up to the anchor, and no further", () => {
    const chain = makeChain(3);
    chain.add(replayed(4), SECRET);
    const says = expect.stringContaining("was made without audit.secret");
    expect(fault(chain, { secrets: [SECRET] })).toEqual({ seq: 1, says });
    expect(fault(chain, { secrets: [SECRET], anchor: chain.heads[2] })).toBeUndefined();
    expect(fault(chain, { secrets: [SECRET], anchor: chain.heads[1] })).toMatchObject({ seq: 3 });
  });

  it("entries made with a former one count while it is named, and with none they cannot be told", () => {
    const chain = makeChain(3, FORMER);
    chain.add(replayed(4), SECRET);
    expect(fault(chain, { secrets: [SECRET, FORMER] })).toBeUndefined();
    const says = expect.stringContaining("a secret that is not known here");
    expect(fault(chain, { secrets: [SECRET] })).toEqual({ seq: 1, says });
    expect(fault(chain)).toEqual({ seq: 1, says });
  });
});
