import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import type { FetchedMedia, MediaTarget } from "./channel.ts";
import { PluginError } from "./errors.ts";
import type { Download } from "./http-client.ts";

const what = "fetch file";

/**
 * Writes beside the target and moves it there at the end; nothing partial stays behind. `expected` is the SHA-256 in
 * hex. Resolves with the size.
 */
export async function saveFile(
  body: Readable,
  target: MediaTarget,
  expected: string | undefined,
): Promise<number> {
  const partial = `${target.path}.part`;
  const file = createWriteStream(partial);
  const hash = createHash("sha256");
  let size = 0;
  async function* metered(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.length;
      refuseTooLarge(size, target);
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(body, metered, file);
    if (expected !== undefined && hash.digest("hex") !== expected) {
      const operatorMessage = `${what}: the file's hash is not the announced one`;
      throw new PluginError({ kind: "ambiguous", code: "hash_mismatch", operatorMessage });
    }
    await rename(partial, target.path);
    return size;
  } catch (error) {
    // As long as it is being opened, it would be there again after it was removed.
    await finished(file).catch(() => undefined);
    await rm(partial, { force: true });
    throw toPluginError(error);
  }
}

/**
 * A download of `HttpClient` on its way to disk, its type as the server tells it. One that is announced as too large is
 * broken off before a byte is written. `expected` as of `saveFile`.
 */
export async function saveDownload(
  { body, headers }: Download,
  target: MediaTarget,
  expected?: string,
): Promise<FetchedMedia> {
  const announced = Number(headers["content-length"]);
  if (announced > target.maxBytes) body.destroy();
  refuseTooLarge(announced, target);
  const size = await saveFile(body, target, expected);
  return { mimeType: headers["content-type"] ?? "application/octet-stream", size };
}

/** Hex of an announced SHA-256: webhooks write base64, Graph's answers hex. Undefined when it is neither. */
export function digestOf(announced: string | undefined): string | undefined {
  if (announced === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(announced)) return announced.toLowerCase();
  const bytes = Buffer.from(announced, "base64");
  return bytes.length === 32 ? bytes.toString("hex") : undefined;
}

export function refuseTooLarge(size: number, { maxBytes }: MediaTarget): void {
  if (!(size > maxBytes)) return;
  const operatorMessage = `${what}: the file is larger than ${maxBytes} bytes`;
  throw new PluginError({ kind: "rejected", code: "too_large", operatorMessage });
}

const fileCalls = new Set(["open", "write", "close", "rename"]);

function toPluginError(error: unknown): PluginError {
  if (error instanceof PluginError) return error;
  const { code = "UNKNOWN", syscall = "" } = error as NodeJS.ErrnoException;
  if (fileCalls.has(syscall)) {
    const operatorMessage = `${what}: it cannot be written to disk (${code})`;
    return new PluginError({ kind: "unavailable", code, operatorMessage });
  }
  return new PluginError({
    kind: "ambiguous",
    code,
    operatorMessage: `${what}: the connection broke (${code})`,
  });
}
