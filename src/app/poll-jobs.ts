import { hostname } from "node:os";
import type { Config, ConnectionConfig } from "../config/schema.ts";
import { asFailure } from "../domain/failure.ts";
import { pollChanges } from "../outbound/poll-changes.ts";
import type { Connector } from "../sdk/connector.ts";
import type { Store } from "../store/store.ts";
import type { BackgroundJob } from "./background.ts";
import { callingFor } from "./calls/scope.ts";
import type { Parts } from "./parts.ts";
import type { createTaking } from "./webhooks.ts";

/** Another process takes over when the one that polls has missed a round by so much. */
const SLACK_MS = 60_000;

export interface PollJobOptions {
  config: Pick<Config, "connections">;
  parts: Pick<Parts, "connectors">;
  store: Pick<Store, "polling">;
  taking: Pick<ReturnType<typeof createTaking>, "fromConnection">;
}

/**
 * Asks helpdesks for changes: often where that is the only way, now and then where webhooks bring them, since most senders
 * try a webhook once. What came both ways has the same id, and is taken for a repeat.
 */
export function pollJobs(options: PollJobOptions): BackgroundJob[] {
  const holder = `${hostname()}/${process.pid}`;
  const { polling } = options.store;
  return pollsOf(options).map(({ connection, everyMs, round }) => {
    const run = async () => {
      const leaseMs = Math.min(everyMs * 3, everyMs + SLACK_MS);
      if (!(await polling.lease(connection, holder, leaseMs))) return;
      await callingFor(`poll/${connection}`, round).catch((error: unknown) => {
        // Put off: the next round is early enough.
        if (asFailure(error)?.kind !== "waiting") throw error;
      });
    };
    return { name: `poll ${connection}`, everyMs, run };
  });
}

/**
 * To be called before a ticket is made that staff may answer. Polling begins at the first round that succeeds, and what is
 * older is never found; if none has succeeded yet, one is tried. Never rejects: what people write matters more.
 */
export function createPollStart(options: PollJobOptions): (connection: string) => Promise<void> {
  const { polling } = options.store;
  const rounds = new Map(pollsOf(options).map(({ connection, round }) => [connection, round]));
  const begun = new Set<string>();
  return async (connection) => {
    const round = rounds.get(connection);
    if (!round || begun.has(connection)) return;
    const start = async () => {
      if ((await polling.cursor(connection)) === undefined) await round();
      begun.add(connection);
    };
    // Why it failed is told by the job, which tries again.
    await start().catch(() => undefined);
  };
}

interface Poll {
  connection: string;
  everyMs: number;
  round(): Promise<void>;
}

function pollsOf({ config, parts, store, taking }: PollJobOptions): Poll[] {
  return [...parts.connectors].flatMap(([connection, connector]) => {
    const everyMs = intervalOf(config.connections[connection], connector);
    if (everyMs === 0) return [];
    const accept = (events: Parameters<typeof taking.fromConnection>[1]) =>
      taking.fromConnection(connection, events);
    const round = () => pollChanges({ connection, connector, polling: store.polling, accept });
    return [{ connection, everyMs, round }];
  });
}

/** Milliseconds; 0: never. */
function intervalOf(settings: ConnectionConfig | undefined, connector: Connector): number {
  if (!settings || !connector.listChanges) return 0;
  if (settings.pollSeconds) return settings.pollSeconds * 1000;
  const { changes } = connector.capabilities;
  const comeTwice = changes.includes("push") && changes.includes("poll");
  return comeTwice ? (settings.reconcileMinutes ?? 0) * 60_000 : 0;
}
