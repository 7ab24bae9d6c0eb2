import fc from "fast-check";
import type { Redis } from "ioredis";
import { expect, test } from "vitest";
import type { Person } from "../../src/domain/person.ts";
import { appendArguments } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { messageReceived, phone, userId } from "../support/builders.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

/** Puts a message into a mailbox and tells whose. */
async function sight(redis: Redis, channel: string, seen: Person): Promise<string> {
  const event = messageReceived({ person: seen });
  const args = appendArguments({ channel, lane: "in", event, person: { seen } });
  const [, person] = (await runScript(redis, "append", args)) as [number, string];
  return person;
}

const PEOPLE = 5;

interface Sighting {
  who: number;
  shows: "both" | "user" | "phone";
}

const sightings = fc
  .array(
    fc.record<Sighting>({
      who: fc.integer({ min: 0, max: PEOPLE - 1 }),
      shows: fc.constantFrom("both", "user", "phone"),
    }),
    { minLength: 2, maxLength: 40 },
  )
  .map(withProperIntroductions);

/** Nobody's first sighting shows the user id alone: the phone could then not be told to be theirs. */
function withProperIntroductions(all: Sighting[]): Sighting[] {
  const met = new Set<number>();
  return all.map((one) => {
    const isFirst = !met.has(one.who);
    met.add(one.who);
    return isFirst && one.shows === "user" ? { ...one, shows: "both" } : one;
  });
}

function shown({ who, shows }: Sighting): Person {
  return {
    ...(shows === "phone" ? {} : { userId: userId(who) }),
    ...(shows === "user" ? {} : { phone: phone(who) }),
  };
}

test("P04: no order of sightings mixes the mailboxes of two people, or splits one once both ids were seen together", async () => {
  const redis = await openRedis();
  await fc.assert(
    fc.asyncProperty(sightings, async (all) => {
      const channel = uniqueChannel(redis);
      const ownerOf = new Map<string, number>();
      const mailboxOf = new Map<number, string>();
      for (const one of all) {
        const mailbox = await sight(redis, channel, shown(one));
        expect(ownerOf.get(mailbox) ?? one.who).toBe(one.who);
        ownerOf.set(mailbox, one.who);
        expect(mailboxOf.get(one.who) ?? mailbox).toBe(mailbox);
        if (one.shows === "both") mailboxOf.set(one.who, mailbox);
      }
    }),
    { numRuns: 150 },
  );
});

test("P04: with user ids shown, phone numbers may wander at will: one mailbox for one user id", async () => {
  const redis = await openRedis();
  const wandering = fc.array(
    fc.record({
      who: fc.integer({ min: 0, max: PEOPLE - 1 }),
      number: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
    }),
    { minLength: 2, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(wandering, async (all) => {
      const channel = uniqueChannel(redis);
      const mailboxes = new Map<number, string>();
      const holders = new Map<number, number>();
      for (const { who, number } of all) {
        const seen = { userId: userId(who), ...(number === undefined ? {} : { phone: phone(number) }) };
        const mailbox = await sight(redis, channel, seen);
        expect(mailboxes.get(who) ?? mailbox).toBe(mailbox);
        mailboxes.set(who, mailbox);
        if (number !== undefined) holders.set(number, who);
      }
      expect(new Set(mailboxes.values()).size).toBe(mailboxes.size);
      // A number belongs to whom it was seen with last, and is written to for nobody else.
      for (const [who, mailbox] of mailboxes) {
        const number = await redis.hget(`{deskferry:${channel}}:person:${mailbox}`, "phone");
        const holder = [...holders].find(([digit]) => phone(digit) === number)?.[1];
        expect(number === null ? who : holder).toBe(who);
      }
    }),
    { numRuns: 150 },
  );
});

test("P04: announced changes of ids, one after the other, lead to one mailbox", async () => {
  const redis = await openRedis();
  const change = fc.constantFrom<"user" | "phone" | "both">("user", "phone", "both");
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
      const channel = uniqueChannel(redis);
      let now = { userId: userId(0), phone: phone(0) };
      const first = await sight(redis, channel, now);
      for (const [index, what] of changes.entries()) {
        const formerly = now;
        now = {
          userId: what === "phone" ? now.userId : userId(index + 1),
          phone: what === "user" ? now.phone : phone(index + 1),
        };
        const event = messageReceived({ person: now, formerly });
        const args = appendArguments({ channel, lane: "in", event, person: { seen: now } });
        expect(await runScript(redis, "append", args)).toEqual([1, first, expect.any(Number)]);
        expect(await sight(redis, channel, { phone: now.phone })).toBe(first);
        expect(await sight(redis, channel, { userId: now.userId })).toBe(first);
        // Receipts and messages under the old ids may still be on their way.
        expect(await sight(redis, channel, { userId: formerly.userId })).toBe(first);
      }
    }),
    { numRuns: 60 },
  );
});
