import type { LookupAddress } from "node:dns";
import net, { type LookupFunction } from "node:net";

interface Target {
  host?: string;
  port?: number | string;
  lookup?: LookupFunction;
}

/**
 * Sees every TCP connection of this process where Node would begin it, after the look-up of its agent, and lets only
 * those to `honest` ports of loopback through: the others end as if nobody were there. Restore it at the end.
 */
export function watchConnections(honest: ReadonlySet<number>) {
  const reached: string[] = [];
  const original = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function connect(this: net.Socket, ...args: unknown[]) {
    const { host = "localhost", port, lookup } = targetOf(args);
    const pass = () => Reflect.apply(original, this, args) as net.Socket;
    if (net.isIP(host)) {
      if (host === "127.0.0.1" && honest.has(Number(port))) return pass();
      reached.push(host);
      return refuse(this);
    }
    if (!lookup) {
      reached.push(`${host}, without a look-up of ours`);
      return refuse(this);
    }
    // As Node does: else what is written meanwhile ends the socket before the look-up has answered.
    Object.assign(this, { connecting: true });
    lookup(host, { all: true }, (error, found) => {
      if (error) return void this.destroy(error);
      for (const { address } of found as LookupAddress[]) reached.push(address);
      refuse(this);
    });
    return this;
  } as typeof original;
  return {
    /** Addresses to which a connection was begun since the last `forget`. */
    reached,
    forget: () => void reached.splice(0),
    restore: () => {
      net.Socket.prototype.connect = original;
    },
  };
}

function targetOf([first]: unknown[]): Target {
  return ((Array.isArray(first) ? first[0] : first) ?? {}) as Target;
}

function refuse(socket: net.Socket): net.Socket {
  setImmediate(() => socket.destroy(Object.assign(new Error("nobody there"), { code: "ECONNREFUSED" })));
  return socket;
}
