import net from "node:net";

/** Nothing in a test leaves the machine: a connection to anywhere but loopback fails loudly. */
const original = net.Socket.prototype.connect;
/** Test files that share a process come by here one after the other. */
const isGuarded = original.name === "connectToLoopback";

/** The host of any form of `connect`'s arguments; undefined for sockets in the file system. */
function hostOf(args: unknown[]): string | undefined {
  const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
  if (typeof first === "object" && first !== null) {
    const { host, path } = first as { host?: string; path?: string };
    return path ? undefined : (host ?? "localhost");
  }
  return typeof args[1] === "string" ? args[1] : undefined;
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || (net.isIPv4(bare) && bare.startsWith("127."));
}

function connectToLoopback(this: net.Socket, ...args: unknown[]): net.Socket {
  const host = hostOf(args);
  if (host !== undefined && !isLoopback(host)) {
    throw new Error(`a test tried to leave the machine: ${host}`);
  }
  return Reflect.apply(original, this, args) as net.Socket;
}

if (!isGuarded) net.Socket.prototype.connect = connectToLoopback as typeof original;
