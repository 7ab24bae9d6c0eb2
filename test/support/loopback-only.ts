import net from "node:net";

/** Nothing in a test leaves the machine: a connection to anywhere but loopback fails loudly. */
const original = net.Socket.prototype.connect;

function hostOf(args: unknown[]): string | undefined {
  const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
  if (typeof first === "object" && first !== null) {
    const { host, path } = first as { host?: string; path?: string };
    return path ? undefined : (host ?? "localhost");
  }
  return typeof args[1] === "string" ? args[1] : undefined;
}

net.Socket.prototype.connect = function connect(this: net.Socket, ...args: unknown[]) {
  const host = hostOf(args);
  if (host !== undefined && !/^(localhost|127\.|::1|\[::1\])/.test(host)) {
    throw new Error(`a test tried to leave the machine: ${host}`);
  }
  return Reflect.apply(original, this, args) as net.Socket;
} as typeof original;
