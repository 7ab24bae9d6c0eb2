import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Harmless by agreement, and known to every scanner. In two parts, so that none takes this file for it. */
export const EICAR = `X5O!P%@AP[4\\PZX54(P^)7CC)7}$${"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"}!$H+H*`;

export interface Clamd {
  address: string;
  /** Bytes of each file that it was given whole. */
  scanned: Buffer[];
  /** How it behaves from now on. */
  mode: "well" | "silent" | "nonsense" | "hangs_up" | "error";
}

/** Speaks as clamd(8) says: zPING and zINSTREAM, with a limit for the stream. `path` instead of a port. */
export async function startClamd({
  path,
  maxBytes = 1e6,
}: {
  path?: string;
  maxBytes?: number;
} = {}): Promise<Clamd> {
  const sockets = new Set<Socket>();
  const clamd: Clamd = { address: path ?? "", scanned: [], mode: "well" };
  const server = createServer((socket) => {
    sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const reply = replyTo(bytes, clamd, maxBytes);
      if (reply === undefined || clamd.mode === "silent") return;
      if (clamd.mode === "hangs_up") socket.destroy();
      else socket.end(clamd.mode === "nonsense" ? "HTTP/1.1 400 Bad Request\r\n\r\n\0" : `${reply}\0`);
    });
  });
  await new Promise<void>((resolve) => void server.listen(path ?? { port: 0, host: "127.0.0.1" }, resolve));
  if (!path) clamd.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return clamd;
}

function replyTo(bytes: Buffer, clamd: Clamd, maxBytes: number): string | undefined {
  const command = bytes.indexOf(0);
  if (command < 0) return undefined;
  const name = bytes.toString("latin1", 0, command);
  if (name === "zPING") return "PONG";
  if (name !== "zINSTREAM") return "UNKNOWN COMMAND";
  const parts: Buffer[] = [];
  let size = 0;
  for (let at = command + 1; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length === 0) return verdictOf(Buffer.concat(parts), clamd);
    size += length;
    if (size > maxBytes) return "INSTREAM size limit exceeded. ERROR";
    if (at + 4 + length > bytes.length) return undefined;
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}

function verdictOf(file: Buffer, clamd: Clamd): string {
  clamd.scanned.push(file);
  if (clamd.mode === "error") return "stream: Can't allocate memory ERROR";
  return file.includes(EICAR) ? "stream: Eicar-Test-Signature FOUND" : "stream: OK";
}
