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
export function pollJobs({ config, parts, store, taking }: PollJobOptions): BackgroundJob[] {
  const holder = `${hostname()}/${process.pid}`;
  return [...parts.connectors].flatMap(([connection, connector]) => {
    const everyMs = intervalOf(config.connections[connection], connector);
    if (everyMs === 0) return [];
    const accept = (events: Parameters<typeof taking.fromConnection>[1]) =>
      taking.fromConnection(connection, events);
    const round = () => pollChanges({ connection, connector, polling: store.polling, accept });
    const run = async () => {
      const leaseMs = Math.min(everyMs * 3, everyMs + SLACK_MS);
      if (!(await store.polling.lease(connection, holder, leaseMs))) return;
      await callingFor(`poll/${connection}`, round).catch((error: unknown) => {
        // Put off: the next round is early enough.
        if (asFailure(error)?.kind !== "waiting") throw error;
      });
    };
    return [{ name: `poll ${connection}`, everyMs, run }];
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
