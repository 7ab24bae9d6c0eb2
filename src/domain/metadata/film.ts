import type { FileView } from "../file-type.ts";
import { createParts, MOST_PIECES, type Part, Unreadable } from "./part.ts";

/** Boxes with other boxes in them, among which metadata stands. */
const nested = new Set(["moov", "trak", "mdia", "minf"]);
/** Place, maker, titles, XMP. */
const metadata = new Set(["udta", "meta", "uuid"]);

/**
 * A film or recording (MP4, 3GP, QuickTime) whose metadata has become empty space of the same size: sample tables count
 * from the file's beginning, so that nothing may move. Source: ISO/IEC 14496-12 4.2, 8.10.
 */
export async function stripFilm(file: FileView): Promise<Part[] | undefined> {
  const parts = createParts();
  let seen = 0;

  async function walk(from: number, to: number): Promise<void> {
    for (let at = from; at < to; ) {
      if (++seen > MOST_PIECES) throw new Unreadable();
      const { type, head, end } = await boxAt(file, at, to);
      if (metadata.has(type)) await empty(at, head, end);
      else if (nested.has(type)) {
        parts.keep(at, at + head);
        await walk(at + head, end);
      } else parts.keep(at, end);
      at = end;
    }
  }

  async function empty(at: number, head: number, end: number): Promise<void> {
    const bytes = (await file.read(at, head)).slice();
    bytes.set([0x66, 0x72, 0x65, 0x65], 4);
    parts.put({ bytes });
    parts.put({ zeros: end - at - head });
  }

  await walk(0, file.size);
  return parts.end();
}

async function boxAt(file: FileView, at: number, to: number) {
  const bytes = await file.read(at, 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // QuickTime ends a list of boxes with four zeros.
  if (bytes.length < 8) {
    if (bytes.length === 4 && view.getUint32(0) === 0) return { type: "end", head: 4, end: to };
    throw new Unreadable();
  }
  const short = view.getUint32(0);
  const type = String.fromCharCode(...bytes.subarray(4, 8));
  const isLong = short === 1;
  if (isLong && bytes.length < 16) throw new Unreadable();
  const head = isLong ? 16 : 8;
  const size = isLong ? Number(view.getBigUint64(8)) : short === 0 ? to - at : short;
  if (size < head || at + size > to) throw new Unreadable();
  return { type, head, end: at + size };
}
