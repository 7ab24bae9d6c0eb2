import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FileView } from "../domain/file-type.ts";
import { type Part, sizeOf } from "../domain/metadata/part.ts";
import { withoutMetadata } from "../domain/metadata/strip.ts";

/** Looks into a file on our disk, for as long as `use` runs. */
export async function withView<T>(
  path: string,
  size: number,
  use: (view: FileView) => Promise<T>,
): Promise<T> {
  const file = await open(path, "r");
  try {
    return await use({ size, read: reading(file) });
  } finally {
    await file.close();
  }
}

function reading(file: FileHandle): FileView["read"] {
  return async (offset, length) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
}

/** Puts the file without its metadata in its own place. Resolves with its size by then; undefined: it cannot be done. */
export async function stripFile(path: string, size: number, type: string): Promise<number | undefined> {
  const stripped = await withView(path, size, (view) => withoutMetadata(view, type));
  if (stripped === "cannot") return undefined;
  if (stripped === "clean") return size;
  const rewritten = `${path}.part`;
  try {
    // A stream that opens its file for itself may create it after a failure has removed it.
    const file = await open(rewritten, "w", 0o600);
    await pipeline(Readable.from(bytesOf(path, stripped)), file.createWriteStream());
    await rename(rewritten, path);
  } finally {
    await rm(rewritten, { force: true });
  }
  return sizeOf(stripped);
}

const ZEROS = Buffer.alloc(65_536);

async function* bytesOf(path: string, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if ("to" in part) yield* createReadStream(path, { start: part.from, end: part.to - 1 });
    else if ("bytes" in part) yield part.bytes;
    else for (let left = part.zeros; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
  }
}
