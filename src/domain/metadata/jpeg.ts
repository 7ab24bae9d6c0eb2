import type { FileView } from "../file-type.ts";
import { orientationOnly } from "./orientation.ts";
import { createParts, MOST_PIECES, type Part, Unreadable } from "./part.ts";

const SOS = 0xda;
const EOI = 0xd9;
const COMMENT = 0xfe;
const EXIF = 0xe1;
/** What the colours need: APP0 as JFIF, APP2 as an ICC profile, APP14 as Adobe's transform. */
const needed: Readonly<Record<number, string>> = { 224: "JFIF\0", 226: "ICC_PROFILE\0", 238: "Adobe" };

/**
 * A JPEG without its application segments and comments: Exif with place and time, XMP, IPTC, thumbnails; and without what
 * stands behind its end, where phones put films and depth. How it is turned stays. Source: ITU T.81 annex B.
 */
export async function stripJpeg(file: FileView): Promise<Part[] | undefined> {
  const parts = createParts();
  let hasTurn = false;

  async function leaveOut(marker: number, begins: number, end: number): Promise<void> {
    const turn: Turn = marker === EXIF && !hasTurn ? await turnOnly(file, begins, end) : undefined;
    hasTurn ||= turn !== undefined;
    if (turn === "only") parts.keep(begins, end);
    else if (turn) parts.put({ bytes: turn });
    else parts.drop();
  }

  let at = 2;
  parts.keep(0, at);
  for (let seen = 0; seen < MOST_PIECES; seen++) {
    const { marker, begins } = await nextMarker(file, at);
    parts.keep(at, begins);
    if (marker === EOI) {
      parts.keep(begins, begins + 2);
      if (begins + 2 < file.size) parts.drop();
      return parts.end();
    }
    const length = await segmentLength(file, begins);
    at = begins + 2 + length;
    if (isMetadata(marker, latin(await file.read(begins + 4, Math.min(12, length - 2))))) {
      await leaveOut(marker, begins, at);
    } else {
      parts.keep(begins, at);
      if (marker === SOS) at = await endOfScan(file, parts, at);
    }
  }
  throw new Unreadable();
}

/** "only": the segment says nothing else. */
type Turn = Uint8Array | "only" | undefined;

function isMetadata(marker: number, begins: string): boolean {
  if (marker === COMMENT) return true;
  if (marker < 0xe0 || marker > 0xef) return false;
  const name = needed[marker];
  return name === undefined || !begins.startsWith(name);
}

async function segmentLength(file: FileView, begins: number): Promise<number> {
  const [high, low] = await file.read(begins + 2, 2);
  if (high === undefined || low === undefined) throw new Unreadable();
  const length = high * 256 + low;
  if (length < 2 || begins + 2 + length > file.size) throw new Unreadable();
  return length;
}

/** The marker at a place where one must be; fill bytes may stand before it. */
async function nextMarker(file: FileView, at: number): Promise<{ marker: number; begins: number }> {
  const bytes = await file.read(at, 64);
  let index = 0;
  while (bytes[index] === 0xff && bytes[index + 1] === 0xff) index++;
  const marker = bytes[index + 1];
  if (bytes[index] !== 0xff || marker === undefined || marker < 0xc0) throw new Unreadable();
  return { marker, begins: at + index };
}

/** A segment with nothing but how the picture is turned; "only" when the given one is that already. */
async function turnOnly(file: FileView, begins: number, end: number): Promise<Turn> {
  const segment = await file.read(begins, end - begins);
  if (latin(segment.subarray(4, 10)) !== "Exif\0\0") return undefined;
  const tiff = orientationOnly(segment.subarray(10));
  if (!tiff || segment.length < tiff.length + 10) return undefined;
  const bytes = new Uint8Array([0xff, EXIF, 0, tiff.length + 8, 0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]);
  return segment.length === bytes.length && bytes.every((byte, index) => byte === segment[index])
    ? "only"
    : bytes;
}

const WINDOW = 65_536;

/** Where the data of a scan ends: at the next marker that is none of its own. All of it stays. */
async function endOfScan(
  file: FileView,
  parts: ReturnType<typeof createParts>,
  from: number,
): Promise<number> {
  let at = from;
  while (at < file.size) {
    const bytes = await file.read(at, WINDOW);
    const found = markerIn(bytes);
    if (found >= 0) {
      parts.keep(from, at + found);
      return at + found;
    }
    // A marker's first byte may be the window's last.
    at += bytes.length < 2 ? Math.max(bytes.length, 1) : bytes.length - 1;
  }
  throw new Unreadable();
}

/** Neither a stuffed byte nor a restart nor a fill. */
function markerIn(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0xff); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0xff && next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  return -1;
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
