import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/**
 * Below what systems hand out by themselves to connections and to whoever listens on port 0: from 32,768 on Linux
 * (https://docs.kernel.org/networking/ip-sysctl.html, ip_local_port_range), from 49,152 on macOS.
 */
export const PORTS = { from: 15_000, count: 15_000 };

/**
 * A loopback port for a program that must be told its port. Nobody else is given it while this process lives, also
 * while its server is down between a kill and a restart.
 *
 * Looking for a free port and telling a program is not enough: other test lanes look, too, and the program needs
 * seconds to get to its bind. So the number is claimed with a UDP socket of the same number, which hinders no TCP server
 * and which the system takes back from a process however that ends.
 */
export async function claimPort(draw = anyPort): Promise<number> {
  for (;;) {
    const port = draw();
    if ((await claims(port)) && (await isFree(port))) return port;
  }
}

function anyPort(): number {
  return PORTS.from + Math.floor(Math.random() * PORTS.count);
}

function claims(port: number): Promise<boolean> {
  const socket = createSocket("udp4").unref();
  return new Promise((resolve) => {
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => resolve(true));
  });
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
