import { readFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileView } from "../../src/domain/file-type.ts";
import { type Part, sizeOf } from "../../src/domain/metadata/part.ts";
import { withoutMetadata } from "../../src/domain/metadata/strip.ts";

const SECRET = "GPS 51.5007N 0.1246W";
const latin = (text: string) => Buffer.from(text, "latin1");
const view = (bytes: Buffer): FileView => ({
  size: bytes.length,
  read: async (at, length) => bytes.subarray(at, at + length),
});

function joined(bytes: Buffer, parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      "to" in part
        ? bytes.subarray(part.from, part.to)
        : "bytes" in part
          ? part.bytes
          : Buffer.alloc(part.zeros),
    ),
  );
}

async function strip(bytes: Buffer, type: string): Promise<Buffer | "cannot"> {
  const stripped = await withoutMetadata(view(bytes), type);
  if (stripped === "cannot") return stripped;
  return stripped === "clean" ? bytes : joined(bytes, stripped);
}

const photos = ["street-lamp", "pothole", "fallen-branch", "leaking-pipe"].map((name) =>
  readFileSync(new URL(`../../src/sandbox/pages/samples/${name}.jpg`, import.meta.url)),
);
const photo = photos[0] ?? Buffer.alloc(0);

/** TIFF with an orientation and a secret beside it, in either order of bytes. */
function tiff(turn: number, isLittle = false): Buffer {
  const bytes = Buffer.alloc(26 + 12);
  const two = (value: number, at: number) =>
    isLittle ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const four = (value: number, at: number) =>
    isLittle ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  bytes.write(isLittle ? "II" : "MM");
  two(42, 2);
  four(8, 4);
  two(2, 8);
  [0x010e, 2].forEach((value, index) => void two(value, 10 + 2 * index));
  four(SECRET.length, 14);
  four(38, 18);
  [0x0112, 3].forEach((value, index) => void two(value, 22 + 2 * index));
  four(1, 26);
  two(turn, 30);
  return Buffer.concat([bytes, latin(SECRET)]);
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

const exif = (turn: number, isLittle = false) =>
  segment(0xe1, Buffer.concat([latin("Exif\0\0"), tiff(turn, isLittle)]));
const turnedOnly = (turn: number) =>
  Buffer.concat([
    latin("\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"),
    Buffer.from([turn, 0, 0, 0, 0, 0, 0]),
  ]);

/** After the first segment of a photo, as cameras do. */
const inserted = (bytes: Buffer, more: Buffer) => {
  const at = 4 + bytes.readUInt16BE(4);
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
};

const told: [string, Buffer][] = [
  ["XMP", segment(0xe1, latin(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>${SECRET}</x:xmpmeta>`))],
  ["IPTC", segment(0xed, latin(`Photoshop 3.0\x008BIM${SECRET}`))],
  ["a comment", segment(0xfe, latin(SECRET))],
  ["further pictures", segment(0xe2, latin(`MPF\0${SECRET}`))],
  ["a thumbnail", segment(0xe0, latin(`JFXX\0${SECRET}`))],
  ["what nobody knows", segment(0xeb, latin(SECRET))],
];

describe("S37: a photo", () => {
  it.each(photos.map((bytes, index) => [index, bytes] as const))(
    "without metadata stays as it is: %i",
    async (_n, bytes) => {
      expect(await withoutMetadata(view(bytes), "image/jpeg")).toBe("clean");
    },
  );

  it.each(told)("loses %s, and is the very photo without it", async (_what, more) => {
    const out = await strip(inserted(photo, more), "image/jpeg");
    expect(photo.equals(out as Buffer)).toBe(true);
  });

  it.each([true, false])(
    "keeps how it is turned, and nothing else of its Exif (little-endian: %s)",
    async (isLittle) => {
      const out = await strip(inserted(photo, exif(6, isLittle)), "image/jpeg");
      expect(inserted(photo, turnedOnly(6)).equals(out as Buffer)).toBe(true);
      expect(await withoutMetadata(view(out as Buffer), "image/jpeg")).toBe("clean");
    },
  );

  it.each([0, 1, 9, 700])(
    "that is upright or turned in no known way (%i) keeps nothing of its Exif",
    async (turn) => {
      const out = await strip(inserted(photo, exif(turn)), "image/jpeg");
      expect(photo.equals(out as Buffer)).toBe(true);
    },
  );

  it("loses the film that a phone put behind its end", async () => {
    const out = await strip(Buffer.concat([photo, latin(`\0\0\0\x18ftypmp42${SECRET}`)]), "image/jpeg");
    expect(photo.equals(out as Buffer)).toBe(true);
  });

  it("keeps its colours: ICC profile and Adobe's transform", async () => {
    const colours = [
      segment(0xe2, latin("ICC_PROFILE\0\x01\x01profile")),
      segment(0xee, latin("Adobe\0\x64\0\0")),
    ];
    const bytes = inserted(photo, Buffer.concat(colours));
    expect(await withoutMetadata(view(bytes), "image/jpeg")).toBe("clean");
  });

  it("that breaks off is not taken for one without metadata", async () => {
    expect(await strip(photo.subarray(0, photo.length - 2), "image/jpeg")).toBe("cannot");
    expect(await strip(latin("\xff\xd8\xff\xe1\xff\xffExif"), "image/jpeg")).toBe("cannot");
  });
});

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([latin(type), content]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

const pixel = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
const png = (...more: Buffer[]) =>
  Buffer.concat([
    latin("\x89PNG\r\n\x1a\n"),
    chunk("IHDR", pixel),
    ...more,
    chunk("IDAT", deflateSync(Buffer.from([0, 255, 0, 0]))),
    chunk("IEND", Buffer.alloc(0)),
  ]);

describe("S37: a picture as PNG", () => {
  it.each(["tEXt", "zTXt", "iTXt", "eXIf", "tIME", "caBX", "prVt"])("loses its %s", async (type) => {
    const out = await strip(png(chunk(type, latin(SECRET))), "image/png");
    expect(png().equals(out as Buffer)).toBe(true);
  });

  it("keeps what its look depends on, and is the same without metadata", async () => {
    const looks = ["gAMA", "iCCP", "tRNS", "pHYs", "acTL"].map((type) => chunk(type, Buffer.alloc(9)));
    expect(await withoutMetadata(view(png(...looks)), "image/png")).toBe("clean");
  });

  it("loses what stands behind its end", async () => {
    expect(png().equals((await strip(Buffer.concat([png(), latin(SECRET)]), "image/png")) as Buffer)).toBe(
      true,
    );
  });
});

function riff(...chunks: [string, Buffer][]): Buffer {
  const body = Buffer.concat(
    chunks.map(([type, content]) => {
      const head = Buffer.alloc(8);
      head.write(type);
      head.writeUInt32LE(content.length, 4);
      return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
    }),
  );
  const head = Buffer.alloc(12);
  head.write("RIFF");
  head.writeUInt32LE(body.length + 4, 4);
  head.write("WEBP", 8);
  return Buffer.concat([head, body]);
}

const extended = (flags: number): [string, Buffer] => [
  "VP8X",
  Buffer.from([flags, 0, 0, 0, 9, 0, 0, 9, 0, 0]),
];
const pixels: [string, Buffer] = ["VP8 ", latin("pixels!")];

describe("S37: a picture as WebP", () => {
  it("loses Exif, XMP and what nobody knows, and its header no longer promises them", async () => {
    const given = riff(
      extended(0x1c),
      pixels,
      ["EXIF", tiff(1)],
      ["XMP ", latin(SECRET)],
      ["PRIV", latin(SECRET)],
    );
    expect(riff(extended(0x10), pixels).equals((await strip(given, "image/webp")) as Buffer)).toBe(true);
  });

  it("keeps how it is turned", async () => {
    const given = riff(extended(0x08), pixels, ["EXIF", tiff(8)]);
    const kept = turnedOnly(8).subarray(10);
    expect(
      riff(extended(0x08), pixels, ["EXIF", kept]).equals((await strip(given, "image/webp")) as Buffer),
    ).toBe(true);
  });

  it("is the same without metadata", async () => {
    for (const bytes of [riff(pixels), riff(extended(0x10), ["ICCP", latin("icc")], pixels)])
      expect(await withoutMetadata(view(bytes), "image/webp")).toBe("clean");
  });
});

function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4);
  return Buffer.concat([head, body]);
}

const film = (place: Buffer) =>
  Buffer.concat([
    box("ftyp", latin("isom\0\0\0\0")),
    box("moov", box("mvhd", Buffer.alloc(20)), place, box("trak", box("tkhd", Buffer.alloc(8)), place)),
    box("mdat", latin("samples")),
  ]);

describe("S37: a film", () => {
  it.each(["udta", "meta", "uuid"])("has empty space instead of its %s, and nothing moves", async (type) => {
    const out = await strip(film(box(type, latin(SECRET))), "video/mp4");
    expect(film(box("free", Buffer.alloc(SECRET.length))).equals(out as Buffer)).toBe(true);
  });

  it("is the same without metadata", async () => {
    expect(await withoutMetadata(view(film(Buffer.alloc(0))), "video/mp4")).toBe("clean");
  });
});

describe("S37: whatever the bytes", () => {
  const seeds: [string, Buffer][] = [
    ["image/jpeg", inserted(photos[1] ?? photo, exif(6)).subarray(0, 3000)],
    [
      "image/jpeg",
      Buffer.concat([
        latin("\xff\xd8"),
        exif(6),
        ...told.map(([, more]) => more),
        latin("\xff\xda\0\x02ab\xff\0\xff\xd9"),
      ]),
    ],
    ["image/png", png(chunk("tEXt", latin(SECRET)), chunk("gAMA", Buffer.alloc(4)))],
    ["image/webp", riff(extended(0x0c), pixels, ["EXIF", tiff(6)], ["XMP ", latin(SECRET)])],
    ["video/mp4", film(box("udta", latin(SECRET)))],
  ];

  it("there is no error, nothing grows, a second time changes nothing, and the size told is the size", async () => {
    const flips = fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...seeds), flips, fc.nat(4000), async ([type, seed], changes, cut) => {
        const bytes = Buffer.from(seed.subarray(0, Math.max(12, seed.length - Math.max(0, cut - 3000))));
        for (const [at, value] of changes) if (at >= 12 && at < bytes.length) bytes[at] = value;
        const stripped = await withoutMetadata(view(bytes), type);
        if (typeof stripped === "string") return;
        const out = joined(bytes, stripped);
        expect(out.length).toBe(sizeOf(stripped));
        expect(out.length).toBeLessThanOrEqual(bytes.length);
        expect(await withoutMetadata(view(out), type)).toBe("clean");
      }),
      { numRuns: 3000 },
    );
  });

  it("a file made of nothing but tiny pieces is given up soon", async () => {
    let reads = 0;
    const endless: FileView = {
      size: 100 * 1024 * 1024,
      async read(at, length) {
        reads++;
        return Buffer.from(Array.from({ length }, (_, n) => [0xff, 0xfe, 0, 2][(at - 2 + n) & 3] ?? 0));
      },
    };
    expect(await withoutMetadata(endless, "image/jpeg")).toBe("cannot");
    expect(reads).toBeLessThan(400_000);
  });

  it.each([
    ["image/heic", "cannot"],
    ["image/tiff", "cannot"],
    ["image/gif", "cannot"],
    ["image/bmp", "clean"],
    ["application/pdf", "clean"],
    ["audio/ogg", "clean"],
  ])("%s: %s", async (type, expected) => {
    expect(await withoutMetadata(view(Buffer.alloc(40)), type)).toBe(expected);
  });
});
