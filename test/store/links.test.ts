import type { Redis } from "ioredis";
import { beforeEach, describe, expect, test } from "vitest";
import { createStore, type Store } from "../../src/store/store.ts";
import { openRedis, uniqueChannel, uniqueConnection } from "../support/redis.ts";

let redis: Redis;
let links: Store["links"];
let channel: string;
let connection: string;
const key = () => ({ channel, person: "ada" });
const AT = "2026-11-02T10:00:00.000Z";

beforeEach(async () => {
  redis = await openRedis();
  links = createStore(redis).links;
  channel = uniqueChannel(redis);
  connection = uniqueConnection(redis);
});

test("a contact is unknown until it is saved, and read back whole", async () => {
  expect(await links.contact(key())).toBeUndefined();
  const link = { id: "7", externalId: "whatsapp:GB.1", content: "abc" };
  await links.saveContact(key(), link);
  expect(await links.contact(key())).toEqual(link);
});

describe("a ticket", () => {
  const first = { id: "T1", epoch: 1, status: "new" } as const;
  const second = { id: "T2", epoch: 2, status: "new" } as const;

  test("is unknown until it is saved, and leads both ways afterwards", async () => {
    expect(await links.ticket(key())).toBeUndefined();
    expect(await links.reverse(connection, "T1")).toBeUndefined();
    await links.saveTicket(key(), connection, first);
    expect(await links.ticket(key())).toEqual(first);
    expect(await links.reverse(connection, "T1")).toEqual({ ...key(), epoch: 1 });
  });

  test("is found by its connection only: another helpdesk has a ticket of the same number", async () => {
    await links.saveTicket(key(), connection, first);
    expect(await links.reverse(uniqueConnection(redis), "T1")).toBeUndefined();
  });

  test("that follows another leaves the way back from the other as it was", async () => {
    await links.saveTicket(key(), connection, first);
    await links.saveTicket(key(), connection, second);
    expect(await links.ticket(key())).toEqual(second);
    expect(await links.reverse(connection, "T1")).toEqual({ ...key(), epoch: 1 });
  });

  test("that follows a closed one is not closed", async () => {
    await links.saveTicket(key(), connection, first);
    await links.noteStatus(key(), "T1", "closed", AT);
    await links.saveTicket(key(), connection, second);
    expect(await links.ticket(key())).toEqual(second);
  });

  test("remembers when it was closed, until it is open again", async () => {
    await links.saveTicket(key(), connection, first);
    await links.noteStatus(key(), "T1", "solved", AT);
    expect(await links.ticket(key())).toEqual({ ...first, status: "solved", closedAt: AT });
    await links.noteStatus(key(), "T1", "open", AT);
    expect(await links.ticket(key())).toEqual({ ...first, status: "open" });
  });

  test("of which nothing is known takes no status", async () => {
    await links.noteStatus(key(), "T1", "closed", AT);
    expect(await links.ticket(key())).toBeUndefined();
    expect(await redis.keys(`{deskferry:${channel}}:*`)).toEqual([]);
  });

  test("that is no longer the conversation's current one changes nothing at the current one", async () => {
    await links.saveTicket(key(), connection, first);
    await links.saveTicket(key(), connection, second);
    await links.noteStatus(key(), "T1", "closed", AT);
    expect(await links.ticket(key())).toEqual(second);
  });

  test("that is closed at the very moment when another takes its place does not close the other", async () => {
    const other = createStore(await openRedis()).links;
    for (let n = 0; n < 150; n++) {
      await links.saveTicket(key(), connection, first);
      await Promise.all([
        other.noteStatus(key(), "T1", "closed", AT),
        links.saveTicket(key(), connection, second),
      ]);
      expect(await links.ticket(key())).toEqual(second);
    }
  });
});
