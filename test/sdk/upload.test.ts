import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Attachment,
  base64Of,
  transferTimeoutMs,
  uploadName,
  uploadType,
  withEmptyFiles,
} from "../../src/sdk/index.ts";

const fileOf = (name: string, chunks: Buffer[]): Attachment => ({
  name,
  mimeType: "text/plain",
  size: chunks.reduce((sum, { length }) => sum + length, 0),
  open: () => Readable.from(chunks),
});

/** Of every sort, also control characters and half of one beyond the basic plane. */
const letters = [...'aé ש"\\/:.\t\n\r\u0000\u0007\u000b\u001b\u007f\u0085👍', "\ud83d"];

describe("the name of a file on its way", () => {
  it.each([
    ["photo.jpg", "photo.jpg"],
    ['a".exe\r\nX-Evil: 1', "a_.exe__X-Evil: 1"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["C:\\Temp\\a.txt", "C:_Temp_a.txt"],
    ["rech\u0000nung\t1.pdf", "rechnung_1.pdf"],
    ["הזמנה 👍.pdf", "הזמנה 👍.pdf"],
    ["\u0000\u0007", "file"],
    ["", "file"],
  ])("%j becomes %j", (given, name) => {
    expect(uploadName(given)).toBe(name);
  });

  it("never ends or escapes the name in a header", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...letters) }), (given) => {
        expect(uploadName(given)).not.toMatch(/["\\/\r\n\t]/);
        expect(uploadName(given)).not.toContain("\u0000");
        expect(uploadName(given)).not.toBe("");
      }),
    );
  });
});

describe("the type of a file on its way", () => {
  it.each(["image/jpeg", "audio/ogg; codecs=opus", "application/vnd.ms-excel", "text/plain;charset=utf-8"])(
    "%s stays",
    (type) => expect(uploadType(type)).toBe(type),
  );

  it.each(["", "image", "text/plain\r\nX-Evil: 1", 'text/plain; name="a"', "a/b/c"])(
    "%j is unknown",
    (type) => expect(uploadType(type)).toBe("application/octet-stream"),
  );
});

it("the deadline grows with the sum of the files, by 4 s a megabyte", () => {
  expect(transferTimeoutMs([])).toBe(20_000);
  expect(transferTimeoutMs([{ size: 1 }])).toBe(20_001);
  expect(transferTimeoutMs([{ size: 1_000_000 }, { size: 4_000_000 }])).toBe(40_000);
});

it("a file is written as base64 whichever pieces it comes in", async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 255 }), async (cut) => {
      const file = fileOf("a", [bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(await base64Of(file)).toBe(bytes.toString("base64"));
    }),
  );
  expect(await base64Of(fileOf("a", []))).toBe("");
});

it("a comment names its files without content, below its text", () => {
  const full = fileOf("a.txt", [Buffer.from("a")]);
  const empty = fileOf("b.txt", []);
  expect(withEmptyFiles({ body: "Hello", attachments: [full] })).toBe("Hello");
  expect(withEmptyFiles({ body: "Hello", attachments: [empty, full, { ...empty, name: "c.txt" }] })).toBe(
    "Hello\n(empty file: b.txt)\n(empty file: c.txt)",
  );
});
