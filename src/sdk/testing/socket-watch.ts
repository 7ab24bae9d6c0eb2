import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const watching = new AsyncLocalStorage<Set<string>>();
let subscribed = false;

/** Runs `call` and tells which `host:port` it, and nobody else, opened connections to. */
export async function watchSockets<T>(call: () => Promise<T>): Promise<{ result: T; targets: Set<string> }> {
  if (!subscribed) subscribe("net.client.socket", (message) => note(message as { socket: Socket }));
  subscribed = true;
  const targets = new Set<string>();
  const result = await watching.run(targets, call);
  return { result, targets };
}

function note({ socket }: { socket: Socket }): void {
  const targets = watching.getStore();
  if (!targets) return;
  socket.on("lookup", (_error, _address, _family, host: string) => targets.add(host));
  socket.on("connectionAttempt", (address: string, port: number) => targets.add(`${address}:${port}`));
}
