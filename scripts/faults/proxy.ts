import { connect, createServer, type Server, type Socket } from "node:net";
import type { Faults } from "./faults.ts";
import { relay } from "./relay.ts";

export interface FaultProxyOptions {
  /** The port on loopback that a new connection leads to; undefined: nobody is there, it is reset. */
  target(): number | undefined;
  /** From 0 to 1; decides on shares and jitter. */
  random(): number;
}

/** A listener on loopback that passes TCP on, and lets go wrong what it is told to. */
export interface FaultProxy {
  port: number;
  /** In place of what was set before; for open connections as well. */
  set(faults: Faults): void;
  /** Resets every open connection. */
  resetAll(): void;
  /** Connections accepted so far. */
  accepted(): number;
  /** Connections cut by `cutAfter` or `cutAnswers` so far. */
  cuts(): number;
  stop(): Promise<void>;
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  let faults: Faults = {};
  let accepted = 0;
  let cuts = 0;
  let hear: () => void = () => undefined;
  let heard = Promise.resolve();
  const clients = new Set<Socket>();
  const tools = {
    faults: () => faults,
    random: options.random,
    untilHeard: () => heard,
    onCut: () => {
      cuts++;
    },
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    accepted++;
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => undefined);
    const port = options.target();
    if (faults.refuse || port === undefined) {
      client.resetAndDestroy();
      return;
    }
    const behind = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    behind.on("error", () => client.resetAndDestroy());
    client.on("close", () => behind.destroy());
    behind.on("close", () => client.end());
    client.setNoDelay(true);
    relay(client, behind, tools);
  });
  await listening(server);
  const address = server.address();

  const resetAll = () => {
    for (const client of clients) client.resetAndDestroy();
  };
  return {
    port: typeof address === "object" && address ? address.port : 0,
    set(next) {
      if (next.silent && !faults.silent) {
        heard = new Promise((resolve) => {
          hear = resolve;
        });
      }
      if (!next.silent) hear();
      faults = next;
    },
    resetAll,
    accepted: () => accepted,
    cuts: () => cuts,
    stop: () =>
      new Promise((resolve) => {
        hear();
        server.close(() => resolve());
        resetAll();
      }),
  };
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
}
