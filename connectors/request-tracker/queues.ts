import { type Clock, type HttpClient, PluginError } from "deskferry/sdk";
import { foundQueue, pageOf, type QueueRecord, queueRecord, read } from "./records.ts";
import type { Settings } from "./settings.ts";

/** Queues seen lately, so that a ticket costs no look-up of its queue. */
export interface Queues {
  /** Throws `config` unless the queue is there and shows our fields and these. Nothing was written yet. */
  check(name: string, ticketFields: string[]): Promise<QueueRecord>;
  /** The next check asks RT again. */
  forget(): void;
}

export interface QueueTools {
  http: HttpClient;
  settings: Settings;
  clock: Clock;
}

const KEEP_MS = 300_000;

/**
 * RT makes tickets and comments without the custom fields it does not know (RT::REST2::Resource::Record::Writable:
 * "how?"), and without ours a repeat cannot be recognised. Hence the look beforehand.
 */
export function createQueues(tools: QueueTools): Queues {
  const seen = new Map<string, { queue: QueueRecord; at: number }>();
  return {
    async check(name, ticketFields) {
      const known = seen.get(name);
      const now = tools.clock.now();
      const fresh = known && now - known.at < KEEP_MS ? known.queue : undefined;
      const queue = fresh ?? (await load(name, tools));
      const { message } = tools.settings.fields;
      const missing = [
        ...ticketFields.filter((field) => !queue.TicketCustomFields.has(field)),
        ...(queue.TicketTransactionCustomFields.has(message) ? [] : [message]),
      ];
      if (missing.length > 0) throw fieldsMissing(name, missing);
      seen.set(name, { queue, at: fresh && known ? known.at : now });
      return queue;
    },
    forget: () => seen.clear(),
  };
}

/** By search, because the address of a queue cannot hold a slash. */
async function load(name: string, { http }: QueueTools): Promise<QueueRecord> {
  const what = "read queue";
  const found = await http.request({
    method: "POST",
    path: "/queues",
    query: { fields: "Name", per_page: 100 },
    json: [{ field: "Name", value: name }],
    what,
  });
  const match = read(found, pageOf(foundQueue), what).items.find((queue) => queue.Name === name);
  if (!match) {
    const operatorMessage = `${what}: RT shows the account no queue "${name}"; create it, or grant SeeQueue on it`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  const answer = await http.request({ method: "GET", path: `/queue/${encodeURIComponent(match.id)}`, what });
  return read(answer, queueRecord, what);
}

function fieldsMissing(queue: string, missing: string[]): PluginError {
  const operatorMessage =
    `the queue ${queue} has no custom field ${missing.join(", ")}, or the account may not see it; ` +
    "load initialdata, or apply the field to the queue and grant SeeCustomField (see setup.md)";
  return new PluginError({ kind: "config", operatorMessage });
}
