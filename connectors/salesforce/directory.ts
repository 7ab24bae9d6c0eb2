import { type Clock, PluginError } from "deskferry/sdk";
import { z } from "zod";
import type { Api } from "./api.ts";
import { recordId } from "./records.ts";
import { literal } from "./soql.ts";

const KEPT_MS = 10 * 60_000;

const queueRow = z.object({
  QueueId: recordId,
  Queue: z.object({ Name: z.string(), DeveloperName: z.string() }),
});
const userRow = z.object({ Id: recordId });
const statusRow = z.object({ ApiName: z.string() });

/** Ids of what staff know by name; kept for ten minutes, so that a case costs no look-ups. */
export interface Directory {
  /** `config` when no queue of that developer name or label may hold cases. */
  queueId(nameOrId: string): Promise<string>;
  /** An active user by id or user name; undefined when there is none. */
  userId(nameOrId: string): Promise<string | undefined>;
  /** The values that Case Status has: Salesforce would take any other text for one, too. */
  statuses(): Promise<ReadonlySet<string>>;
}

export function createDirectory(api: Api, clock: Clock): Directory {
  const kept = new Map<string, { value: unknown; at: number }>();
  async function remembered<T>(key: string, load: () => Promise<T>): Promise<T> {
    const known = kept.get(key);
    if (known && clock.now() - known.at < KEPT_MS) return known.value as T;
    const value = await load();
    // What is not there may be there soon.
    if (value !== undefined) kept.set(key, { value, at: clock.now() });
    return value;
  }

  async function loadQueues(): Promise<Map<string, string>> {
    const what = "look up queue";
    const soql =
      "SELECT QueueId, Queue.Name, Queue.DeveloperName FROM QueueSobject WHERE SobjectType = 'Case'";
    const rows = await api.query(soql, queueRow, what);
    const byLabel = rows.map(({ QueueId: id, Queue: { Name: name } }) => [name.toLowerCase(), id] as const);
    const byName = rows.map(
      ({ QueueId: id, Queue: { DeveloperName: name } }) => [name.toLowerCase(), id] as const,
    );
    return new Map([...byLabel, ...byName]);
  }

  async function loadUser(name: string): Promise<string | undefined> {
    const soql = `SELECT Id FROM User WHERE Username = ${literal(name)} AND IsActive = true`;
    return (await api.query(soql, userRow, "look up user"))[0]?.Id;
  }

  async function loadStatuses(): Promise<ReadonlySet<string>> {
    const rows = await api.query("SELECT ApiName FROM CaseStatus", statusRow, "look up statuses");
    return new Set(rows.map(({ ApiName: name }) => name));
  }

  return {
    async queueId(wanted) {
      if (/^00G\w{12}(\w{3})?$/.test(wanted)) return wanted;
      const found = (await remembered("queues", loadQueues)).get(wanted.toLowerCase());
      if (found) return found;
      const operatorMessage = `look up queue: Salesforce has no queue "${wanted}" that may hold cases`;
      throw new PluginError({ kind: "config", operatorMessage });
    },
    async userId(wanted) {
      if (/^005\w{12}(\w{3})?$/.test(wanted)) return wanted;
      return wanted.includes("@") ? remembered(`user ${wanted}`, () => loadUser(wanted)) : undefined;
    },
    statuses: () => remembered("statuses", loadStatuses),
  };
}
