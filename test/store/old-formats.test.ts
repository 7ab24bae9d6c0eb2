import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import type { Lane } from "../../src/domain/lane.ts";
import type { DeadLetter } from "../../src/store/letter.ts";
import { createStore } from "../../src/store/store.ts";
import { openRedis, uniqueChannel, uniqueConnection } from "../support/redis.ts";

const folder = fileURLToPath(new URL("formats", import.meta.url));

/** What the Redis of an older version held, recorded by scripts/record-formats.ts, under names of this test. */
async function load(redis: Redis, file: string, channel: string, connection: string): Promise<void> {
  const text = readFileSync(join(folder, file), "utf8")
    .replaceAll("{deskferry:connection:golden}", `{deskferry:connection:${connection}}`)
    .replaceAll("{deskferry:golden}", `{deskferry:${channel}}`)
    .replaceAll('\\"channel\\":\\"golden\\"', `\\"channel\\":\\"${channel}\\"`);
  const { keys } = JSON.parse(text) as { keys: Record<string, [string, never]> };
  for (const [key, [type, value]] of Object.entries(keys)) {
    if (type === "string") await redis.set(key, value);
    else if (type === "hash") await redis.hset(key, value);
    else if (type === "list") await redis.rpush(key, ...(value as string[]));
    else if (type === "set") await redis.sadd(key, ...(value as string[]));
    else throw new Error(`${key} is a ${type}, which this test cannot write`);
  }
}

describe.each(readdirSync(folder))("O05: what an older version stored (%s)", (file) => {
  test("is read as it was meant: mailboxes of all lanes, dead letters, links, intents, sends", async () => {
    const redis = await openRedis();
    const [channel, connection] = [uniqueChannel(redis), uniqueConnection(redis)];
    await load(redis, file, channel, connection);
    const store = createStore(redis);
    const letters: DeadLetter[] = [];
    for await (const one of store.deadLetters.list(channel)) letters.push(one);
    const [letter, ...others] = letters;
    expect(others).toEqual([]);
    const { person = "", id = "" } = letter ?? {};
    expect(letter).toMatchObject({ kind: "rejected", reason: "refused", lane: "in", event: { id: "m0" } });

    const idsIn = async (lane: Lane) => {
      const ids: string[] = [];
      const place = { channel, lane, person };
      for (let head = await store.mailboxes.begin(place); head; head = await store.mailboxes.begin(place)) {
        ids.push(head.event.id);
        expect(await store.mailboxes.done(place, head)).toBeDefined();
      }
      return ids;
    };
    expect([await idsIn("in"), await idsIn("out"), await idsIn("receipt")]).toEqual([
      ["m1", "n1"],
      ["c1", "c2"],
      ["r1"],
    ]);
    expect(await store.deadLetters.replay(channel, id)).toMatchObject({ id });
    expect(await idsIn("in")).toEqual(["m0"]);

    const conversation = { channel, person };
    expect(await store.links.contact(conversation)).toEqual({
      id: "7",
      externalId: "whatsapp:GB.1",
      content: "abc",
    });
    expect(await store.links.ticket(conversation)).toMatchObject({ id: "T1", epoch: 1, status: "open" });
    expect(await store.links.reverse(connection, "T1")).toMatchObject({ channel, person, epoch: 1 });
    expect(await store.intents.get(channel, "deskferry/golden/1")).toEqual({ at: 1000, attempts: 1 });
    expect(await store.outbounds.get(channel, "send-1")).toMatchObject({
      messageId: "w1",
      person,
      attempts: 1,
    });
    const receipt = { messageId: "w1", state: "delivered" } as const;
    expect(await store.outbounds.record(channel, receipt, "2026-11-02T10:00:00.000Z")).toBeDefined();
    expect((await store.outbounds.get(channel, "send-1"))?.receipt).toBe("delivered");
  });
});
