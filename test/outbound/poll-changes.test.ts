import { beforeEach, describe, expect, it } from "vitest";
import type { HelpdeskEvent } from "../../src/domain/event.ts";
import { pollChanges } from "../../src/outbound/poll-changes.ts";
import type { Connector } from "../../src/sdk/connector.ts";
import { createPolling, type Polling } from "../../src/store/polling.ts";
import { commentAdded } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";
import { createFakeHelpdesk } from "../support/fake-helpdesk.ts";
import { openRedis, uniqueConnection } from "../support/redis.ts";

let polling: Polling;
let connection: string;
let accepted: HelpdeskEvent[];
const { connector } = createFakeHelpdesk({ clock: createClock() });

beforeEach(async () => {
  const redis = await openRedis();
  polling = createPolling(redis);
  connection = uniqueConnection(redis);
  accepted = [];
});

/** A helpdesk with these changes, `perPage` at a time; the cursor counts them. */
function journal(changes: HelpdeskEvent[], perPage: number) {
  const asked: (string | undefined)[] = [];
  const listChanges: Connector["listChanges"] = async (cursor) => {
    asked.push(cursor);
    if (cursor === undefined) return { events: [], cursor: "0", more: false };
    const from = Number(cursor);
    const events = changes.slice(from, from + perPage);
    return { events, cursor: String(from + events.length), more: from + perPage < changes.length };
  };
  return { asked, connector: { ...connector, listChanges } };
}

const poll = (
  from: Connector,
  accept = async (events: HelpdeskEvent[]): Promise<void> => void accepted.push(...events),
) => pollChanges({ connection, connector: from, polling, accept });

describe("pollChanges", () => {
  it("begins at now, then brings each change once, page by page", async () => {
    const changes = Array.from({ length: 7 }, () => commentAdded());
    const { connector: desk, asked } = journal(changes, 3);
    await poll(desk);
    expect(accepted).toEqual([]);
    await poll(desk);
    await poll(desk);
    expect(accepted).toEqual(changes);
    expect(asked).toEqual([undefined, "0", "3", "6", "7"]);
  });

  it("begins where the first of two begins, though the second is answered later", async () => {
    const changes = [commentAdded()];
    const { connector: desk } = journal(changes, 3);
    const late: Connector = {
      ...desk,
      async listChanges() {
        await poll(desk);
        return { events: [], cursor: "1", more: false };
      },
    };
    await poll(late);
    await poll(desk);
    expect(accepted).toEqual(changes);
  });

  it("does not move on before the changes are taken in", async () => {
    const changes = [commentAdded(), commentAdded()];
    const { connector: desk } = journal(changes, 1);
    await poll(desk);
    let failures = 1;
    const accept = async (events: HelpdeskEvent[]) => {
      if (failures-- > 0) throw new Error("Redis is away");
      accepted.push(...events);
    };
    await expect(poll(desk, accept)).rejects.toThrow("Redis is away");
    await poll(desk, accept);
    expect(accepted).toEqual(changes);
  });

  it("lets others have their turn after many pages", async () => {
    const changes = Array.from({ length: 50 }, () => commentAdded());
    const { connector: desk } = journal(changes, 1);
    await poll(desk);
    await poll(desk);
    expect(accepted).toHaveLength(20);
    await poll(desk);
    expect(accepted).toEqual(changes.slice(0, 40));
  });

  it("does nothing for a helpdesk that cannot be polled", async () => {
    await poll(connector);
    expect(await polling.cursor(connection)).toBeUndefined();
  });
});
