import type { IncomingMessage } from "node:http";

/** Meta sends up to 3 MB (webhooks overview, 2026); helpdesks less. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Ends a request whose body cannot be taken; the answer quotes nothing of it. */
export class BodyRefused extends Error {
  readonly status: number;

  constructor(status: 413 | 415, message: string) {
    super(message);
    this.name = "BodyRefused";
    this.status = status;
  }
}

/**
 * Reads the bytes as they came, for the signature. Compressed bodies are refused: nobody we know sends them, and
 * 97 KB can unfold to 100 MB before a signature is checked. Never settles when the sender hangs up: nobody waits for an
 * answer then.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const encoding = request.headers["content-encoding"];
    if (encoding && encoding !== "identity")
      return reject(new BodyRefused(415, "send the body uncompressed"));
    if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) return reject(tooLarge());
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MOST_BYTES) chunks.push(chunk);
      else if (size - chunk.length <= MOST_BYTES) reject(tooLarge());
    });
    request.on("end", () => {
      if (size <= MOST_BYTES) resolve(Buffer.concat(chunks, size));
    });
    request.on("error", () => undefined);
  });
}

function tooLarge(): BodyRefused {
  return new BodyRefused(413, `send at most ${MOST_BYTES} bytes`);
}
