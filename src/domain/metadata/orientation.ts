/** Tag 0x0112 of TIFF, a SHORT. */
const ORIENTATION = 0x0112;

/**
 * The 26 bytes of TIFF that say nothing but how a picture is turned; undefined when it is upright, or when these bytes
 * say nothing about it. Source: TIFF 6.0 section 2, Exif 2.32 4.6.
 */
export function orientationOnly(tiff: Uint8Array): Uint8Array | undefined {
  const turned = orientationOf(tiff);
  if (turned === undefined || turned < 2 || turned > 8) return undefined;
  const bytes = new Uint8Array(26);
  bytes.set([0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, ORIENTATION >> 8, ORIENTATION & 255, 0, 3]);
  bytes.set([0, 0, 0, 1, 0, turned], 14);
  return bytes;
}

function orientationOf(tiff: Uint8Array): number | undefined {
  if (tiff.length < 14) return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const isLittle = view.getUint16(0) === 0x4949;
  const at = view.getUint32(4, isLittle);
  if (at + 2 > tiff.length) return undefined;
  const count = view.getUint16(at, isLittle);
  for (let entry = at + 2; entry < at + 2 + count * 12 && entry + 12 <= tiff.length; entry += 12) {
    if (view.getUint16(entry, isLittle) === ORIENTATION) return view.getUint16(entry + 8, isLittle);
  }
  return undefined;
}
