import { createReadStream } from "node:fs";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Failure } from "../domain/failure.ts";

export interface ScannerSettings {
  /** `host:port`, or the path of a socket. */
  address: string;
  timeoutSeconds: number;
  /** Its own limit for a file. */
  maxBytes: number;
}

export type Verdict = { is: "clean" } | { is: "found"; name: string } | { is: "too_large" };

/** Nobody knows whether the file is clean: it waits, however long that takes. */
export class ScannerAway extends Error implements Failure {
  readonly kind = "unavailable";
  readonly retryable = true;
  readonly operatorMessage: string;

  constructor(reason: string) {
    super(`virus scanner: ${reason}`);
    this.name = "ScannerAway";
    this.operatorMessage = this.message;
  }
}

/** Has clamd look at a file, streamed. Throws ScannerAway unless its verdict is plain. Source: clamd(8), INSTREAM. */
export async function scanFile(path: string, size: number, settings: ScannerSettings): Promise<Verdict> {
  // It would say so itself, and hang up before it has read everything, which may cost us the answer.
  if (size > settings.maxBytes) return { is: "too_large" };
  const reply = await ask(settings, (socket) => pipeline(framed(path), socket, { end: false }));
  if (reply === "stream: OK") return { is: "clean" };
  const name = /^stream: (.+) FOUND$/.exec(reply)?.[1];
  if (name !== undefined) return { is: "found", name: name.replace(/[^\w.:/ -]/g, "").slice(0, 80) };
  if (reply.startsWith("INSTREAM size limit exceeded")) return { is: "too_large" };
  throw new ScannerAway("it answers something else than a verdict");
}

/** Throws ScannerAway unless it answers. */
export async function tryScanner(settings: ScannerSettings): Promise<void> {
  const reply = await ask(settings, async (socket) => void socket.write("zPING\0"));
  if (reply !== "PONG") throw new ScannerAway("it is no clamd");
}

/** Each chunk behind its length in four bytes, the greatest first; none of no bytes but the last. */
async function* framed(path: string): AsyncGenerator<Buffer> {
  yield Buffer.from("zINSTREAM\0");
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    yield length;
    yield chunk;
  }
  yield Buffer.alloc(4);
}

const LONGEST_REPLY = 4096;

async function ask(
  { address, timeoutSeconds }: ScannerSettings,
  send: (socket: Socket) => Promise<void>,
): Promise<string> {
  const socket = connect(target(address));
  const deadline = setTimeout(() => socket.destroy(new Error("it took too long")), timeoutSeconds * 1000);
  try {
    const reply = replyOf(socket);
    // It may answer before it has everything, and hang up: then the reply says why.
    send(socket).catch(() => undefined);
    return await reply;
  } finally {
    clearTimeout(deadline);
    socket.destroy();
  }
}

/** Up to the NUL that ends it. */
function replyOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    let reason = "it hung up without a verdict";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.includes("\0")) resolve(text.slice(0, text.indexOf("\0")).trim());
      else if (text.length > LONGEST_REPLY) socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    socket.on("close", () => reject(new ScannerAway(reason)));
  });
}

function target(address: string) {
  if (address.startsWith("/")) return { path: address };
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(address.slice(at + 1)) };
}
