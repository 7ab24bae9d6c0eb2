import type { FileView } from "../file-type.ts";
import { createParts, MOST_PIECES, type Part, Unreadable } from "./part.ts";

/** Ancillary chunks that change how the picture looks, or move it. All others only tell of it. */
const needed = new Set(
  "tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split(" "),
);

/**
 * A PNG without its texts, time and Exif, without chunks of private use, and without what stands behind its end. Source:
 * W3C PNG, third edition, section 11.
 */
export async function stripPng(file: FileView): Promise<Part[] | undefined> {
  const parts = createParts();
  parts.keep(0, 8);
  let seen = 0;
  for (let at = 8; ; ) {
    const head = await file.read(at, 8);
    if (head.length < 8 || ++seen > MOST_PIECES) throw new Unreadable();
    const type = String.fromCharCode(...head.subarray(4, 8));
    const end = at + 12 + new DataView(head.buffer, head.byteOffset, 8).getUint32(0);
    if (end > file.size || !/^[A-Za-z]{4}$/.test(type)) throw new Unreadable();
    const isCritical = /^[A-Z]/.test(type);
    if (isCritical || needed.has(type)) parts.keep(at, end);
    else parts.drop();
    if (type === "IEND") {
      if (end < file.size) parts.drop();
      return parts.end();
    }
    at = end;
  }
}
