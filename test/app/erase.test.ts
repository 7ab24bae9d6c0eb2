import { expect, test } from "vitest";
import { eventKey } from "../../src/domain/trace.ts";
import {
  appendOnlyText,
  CHANNEL,
  CONNECTION,
  eraseOptions,
  everything,
  marksIn,
  nth,
  openCity,
  showing,
  tracesOf,
} from "./erase-setup.ts";

/** Every hundredth, by phone number and by user id in turn. */
const ERASED = Array.from({ length: 50 }, (_, index) => index * 100 + 7);

async function inBatches(count: number, work: (n: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < count; at += 250) {
    await Promise.all(Array.from({ length: Math.min(250, count - at) }, (_, index) => work(at + index)));
  }
}

test.each([
  { people: 5000, erased: ERASED, how: "encrypted", encrypted: true },
  { people: 1000, erased: ERASED.slice(0, 10), how: "in clear", encrypted: false },
  { people: 300, erased: ERASED.slice(0, 3), how: "in clear, on a cluster", encrypted: false, cluster: true },
])(
  "S44: of $people people, a hundredth of them erased, $how, nothing is left in Redis and its file within 60 s, and the others are as they were",
  async ({ people, erased, how, encrypted, cluster = false }) => {
    const { redis, data, seed, cipher } = await openCity({ encrypted, cluster });

    // Of a tenth there is one of everything, of the others what makes the crowd.
    await inBatches(people, (n) => seed(n, n % 10 === 7));

    const traces = new Set(erased.flatMap((n) => tracesOf(n, cipher)));

    const before = await everything(redis, cipher);

    const theirs = new Set(showing(before, traces));
    expect(theirs.size).toBeGreaterThan(erased.length * 40);
    const kept = erased.at(-1);
    const fileBefore = await appendOnlyText(redis);
    expect(fileBefore.includes(nth(kept ?? 0).name)).toBe(!encrypted);
    expect(fileBefore).toContain(nth(kept ?? 0, cipher).person);

    const asked = erased.map((n, index) => (index % 2 ? { phone: nth(n).phone } : { userId: nth(n).userId }));
    const begun = performance.now();
    const receipts = await data.erase(asked, eraseOptions);
    const seconds = (performance.now() - begun) / 1000;

    const after = await everything(redis, cipher);
    expect(showing(after, traces)).toEqual([]);
    const file = await appendOnlyText(redis);
    expect(file.includes(nth(8).name)).toBe(!encrypted);
    expect(file).toContain(nth(8, cipher).person);
    expect([...marksIn(file)].filter((mark) => traces.has(mark) && !isSeen(mark))).toEqual([]);
    // A pace ends by itself within minutes.
    const lasting = [...before].filter((line) => !/:pace[: ]/.test(line));
    const lost = lasting.filter((line) => !(theirs.has(line) || after.has(line)));
    expect(lost.filter((line) => !isOfTheirs(line, theirs))).toEqual([]);
    expect(seconds).toBeLessThan(60);
    process.stderr.write(
      `erase, ${how}: ${erased.length} of ${people} people, ${before.size} parts of keys, in ${seconds.toFixed(1)} s\n`,
    );

    expect(receipts).toHaveLength(erased.length);
    const text = JSON.stringify(receipts);
    for (const n of erased) {
      const { phone, userId, person, name } = nth(n, cipher);
      for (const mark of [phone.slice(1), userId, person, name]) expect(text).not.toContain(mark);
    }
    for (const receipt of receipts)
      expect(await data.verifyReceipt(JSON.stringify(receipt), [])).toEqual({
        at: receipt.at,
        isOurs: true,
        isRecorded: true,
      });
    expect(receipts[0]).toMatchObject({
      person: expect.stringMatching(/^[0-9a-f]{64}$/),
      appendOnlyFile: "rewritten",
      leftInHelpdesk: [{ connection: CONNECTION, contact: "contact-7-", tickets: ["ticket-7-"] }],
      removed: {
        [CHANNEL]: { waitingEvents: 3, deadLetters: 1, quarantine: 1, recordedInputs: 1, aliases: 1 },
      },
    });
  },
  180_000,
);

/** Digests of message ids stay for 8 days, so that a repeat does not bring the person back. */
const seenDigests = new Set(
  ERASED.flatMap((n) => [...nth(n).events, nth(n).reply, `${nth(n).sent}/delivered`]).map(eventKey),
);
function isSeen(mark: string): boolean {
  return seenDigests.has(mark);
}

/** Whether a part is of a wake job of theirs, or says that one of their events waits. */
function isOfTheirs(line: string, theirs: ReadonlySet<string>): boolean {
  const [key = "", part = ""] = line.split(" ");
  const jobs = new Set([...theirs].filter((one) => / data \{/.test(one)).map((one) => one.split(" ")[0]));
  const isInput =
    key.endsWith(":recording") && [...theirs].some((one) => one.startsWith(`${key}:inputs ${part} `));
  return (
    isInput ||
    jobs.has(key) ||
    jobs.has(key.replace(/:wait$/, `:${part}`)) ||
    isSeen(key.split(":seen:")[1] ?? "")
  );
}
