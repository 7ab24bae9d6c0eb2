import type { NextFunction, Request, Response } from "express";

/** Meta sends up to 3 MB (webhooks overview, 2026); helpdesks less. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Ends a request whose body cannot be taken; Express turns it into an answer without quoting anything. */
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
 * 97 KB can unfold to 100 MB before a signature is checked.
 */
export function rawBody(request: Request, _response: Response, next: NextFunction): void {
  if (request.headers["content-encoding"] && request.headers["content-encoding"] !== "identity") {
    next(new BodyRefused(415, "send the body uncompressed"));
    return;
  }
  if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) {
    next(tooLarge());
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
    else if (size - chunk.length <= MOST_BYTES) next(tooLarge());
  });
  request.on("end", () => {
    if (size > MOST_BYTES) return;
    request.body = Buffer.concat(chunks, size);
    next();
  });
  // The sender hung up: nobody waits for an answer.
  request.on("error", () => undefined);
}

function tooLarge(): BodyRefused {
  return new BodyRefused(413, `send at most ${MOST_BYTES} bytes`);
}
