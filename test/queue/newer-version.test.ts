import { beforeEach, describe, expect, test } from "vitest";
import { partsOf } from "../../src/domain/burst.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { keys } from "../../src/store/keys.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { until } from "../support/until.ts";
import { createLedger, type OpenQueue, openQueue, work } from "./running-queue.ts";

let queue: OpenQueue;
beforeEach(async () => {
  queue = await openQueue();
});

const send = (person: string, ...ids: string[]) =>
  queue.intake.accept(ids.map((id) => delivery(queue.channel, messageReceived({ id }), { id: person })));
const mailbox = (person: string) => keys.mailbox(queue.channel, "in", person);
const headOf = (person: string) => queue.redis.hgetall(keys.head(queue.channel, "in", person));

/** As a version of the future would have written the event at this place of a mailbox. */
async function rewrite(person: string, index: number, to: (raw: string) => string): Promise<void> {
  const raw = (await queue.redis.lindex(mailbox(person), index)) ?? "";
  await queue.redis.lset(mailbox(person), index, to(raw));
}
const newer = (raw: string) => raw.replace('{"v":1', '{"v":99');
const older = (raw: string) => raw.replace('{"v":99', '{"v":1');

describe("O05, O06: an event that a newer version wrote", () => {
  test("is left as it is and counted for nothing, keeps nobody else waiting, and is handled once a worker can read it", async () => {
    await send("ada", "m1", "m2");
    await send("bob", "m3");
    await rewrite("ada", 0, newer);
    const before = await queue.redis.lrange(mailbox("ada"), 0, -1);
    const ledger = createLedger();
    const { left, broken, ended } = work(queue, ledger.handle, { policy: { crashLimit: 1 } });
    await until("it to be looked at twice", () => left.length >= 2);
    expect(ledger.of("bob")).toEqual(["m3"]);
    expect(ledger.of("ada")).toEqual([]);
    expect(await queue.redis.lrange(mailbox("ada"), 0, -1)).toEqual(before);
    expect(await headOf("ada")).toEqual({});
    expect(broken).toEqual([]);

    await rewrite("ada", 0, older);
    await until("all to be handled", () => ended().length === 3);
    expect(ledger.of("ada")).toEqual(["m1", "m2"]);
    expect(ended().every(({ what }) => what === "done")).toBe(true);
  });

  test("that workers of before this rule have begun again and again, in vain, is no dead letter", async () => {
    await send("ada", "m1");
    // As their begin.lua counts: it failed on the version, each second.
    await queue.redis.hset(keys.head(queue.channel, "in", "ada"), { unfinished: 9, begun: 9 });
    const ledger = createLedger();
    const { outcomes } = work(queue, ledger.handle);
    await until("it to end", () => outcomes.length > 0);
    expect(outcomes).toMatchObject([{ what: "done", id: "m1" }]);
  });

  test("is not joined by what waits before it", async () => {
    await send("ada", "m1", "m2", "m3");
    await rewrite("ada", 2, newer);
    const handled: string[][] = [];
    const { left } = work(queue, async (event) => void handled.push(partsOf(event).map(({ id }) => id)), {
      mostTogether: () => 5,
    });
    await until("the newer one to be left", () => left.length > 0);
    expect(handled).toEqual([["m1", "m2"]]);
  });

  test("as a dead letter goes back in the version it came in", async () => {
    await send("ada", "m1");
    const place = { channel: queue.channel, lane: "in", person: "ada" } as const;
    const head = await queue.store.mailboxes.begin(place);
    if (!head) throw new Error("nothing waits");
    const why = { kind: "rejected", reason: "refused", at: "2026-11-02T12:00:00.000Z" };
    await queue.store.mailboxes.bury(place, head, why);
    const id = eventKey("in/m1");
    const letter = (await queue.redis.hget(keys.dead(queue.channel), id)) ?? "";
    await queue.redis.hset(keys.dead(queue.channel), id, letter.replace('"v":1', '"v":99'));
    await queue.store.deadLetters.replay(queue.channel, id);
    expect(await queue.redis.lindex(mailbox("ada"), 0)).toMatch(/^\{"v":99,/);
  });
});
