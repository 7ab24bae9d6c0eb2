import type { FileView } from "../file-type.ts";
import { orientationOnly } from "./orientation.ts";
import { createParts, MOST_PIECES, type Part, sizeOf, Unreadable } from "./part.ts";

const needed = new Set(["VP8 ", "VP8L", "ANIM", "ANMF", "ALPH", "ICCP"]);
const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;

interface Chunk {
  type: string;
  from: number;
  /** With the byte that fills it up. */
  to: number;
  size: number;
}

/**
 * A WebP without Exif, XMP and unknown chunks; how it is turned stays. Source: WebP container specification of Google
 * (developers.google.com/speed/webp/docs/riff_container).
 */
export async function stripWebp(file: FileView): Promise<Part[] | undefined> {
  const chunks = await chunksOf(file);
  const exif = chunks.find(({ type }) => type === "EXIF");
  const turn = exif && (await turnOnly(file, exif));
  const body = createParts();
  for (const chunk of chunks) {
    const { type, from, to } = chunk;
    if (needed.has(type) || (chunk === exif && turn === "only")) body.keep(from, to);
    else if (type === "VP8X") await keepHeader(file, chunk, { body, hasExif: turn !== undefined });
    else if (chunk === exif && turn instanceof Uint8Array) body.put({ bytes: turn });
    else body.drop();
  }
  if ((chunks.at(-1)?.to ?? 12) < file.size) body.drop();
  const rest = body.end();
  return rest && [{ bytes: riffHead(4 + sizeOf(rest)) }, ...rest];
}

async function chunksOf(file: FileView): Promise<Chunk[]> {
  const head = await file.read(0, 12);
  const announced = 8 + viewOf(head).getUint32(4, true);
  if (announced > file.size + 1) throw new Unreadable();
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= Math.min(announced, file.size); ) {
    const begins = await file.read(at, 8);
    const size = viewOf(begins).getUint32(4, true);
    const end = at + 8 + size;
    if (end > file.size || chunks.length > MOST_PIECES) throw new Unreadable();
    const to = Math.min(end + (size % 2), file.size);
    chunks.push({ type: String.fromCharCode(...begins.subarray(0, 4)), from: at, to, size });
    at = to;
  }
  if (chunks.length === 0) throw new Unreadable();
  return chunks;
}

/** The extended header, which says that Exif and XMP follow. */
async function keepHeader(
  file: FileView,
  { from, to }: Chunk,
  { body, hasExif }: { body: ReturnType<typeof createParts>; hasExif: boolean },
): Promise<void> {
  const bytes = await file.read(from, Math.min(to - from, 64));
  const flags = bytes[8] ?? 0;
  const right = (flags & ~(EXIF_FLAG | XMP_FLAG)) | (hasExif ? EXIF_FLAG : 0);
  if (flags === right || to - from > 64) return body.keep(from, to);
  bytes[8] = right;
  body.put({ bytes });
}

async function turnOnly(file: FileView, { from, size }: Chunk): Promise<Uint8Array | "only" | undefined> {
  const given = await file.read(from + 8, Math.min(size, 65_536));
  const prefix = String.fromCharCode(...given.subarray(0, 6)) === "Exif\0\0" ? 6 : 0;
  const tiff = orientationOnly(given.subarray(prefix));
  if (!tiff || size < tiff.length) return undefined;
  const isOnly = size === tiff.length && tiff.every((byte, index) => byte === given[index]);
  return isOnly ? "only" : new Uint8Array([0x45, 0x58, 0x49, 0x46, tiff.length, 0, 0, 0, ...tiff]);
}

function riffHead(size: number): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set([0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0, 0x57, 0x45, 0x42, 0x50]);
  viewOf(bytes).setUint32(4, size, true);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  if (bytes.length < 8) throw new Unreadable();
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
