import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mediaTable } from "../../src/channels/cloud-api/media-limits.ts";
import { fileNameFor } from "../../src/domain/file-name.ts";
import { fileTypeOf } from "../../src/domain/file-type.ts";
import { jpeg, samples } from "../support/sample-files.ts";

const typeOf = (bytes: Buffer) =>
  fileTypeOf({ size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) });

describe("the type of a file", () => {
  it.each(samples)("%s: %s", async (expected, _what, bytes) => {
    expect(await typeOf(bytes)).toBe(expected);
  });

  it("is a PDF's when its mark begins within the first kilobyte, and no later", async () => {
    const markAfter = (count: number) => Buffer.concat([Buffer.alloc(count, 1), Buffer.from("%PDF-1.7\n")]);
    expect(await typeOf(markAfter(0))).toBe("application/pdf");
    expect(await typeOf(markAfter(1019))).toBe("application/pdf");
    expect(await typeOf(markAfter(1020))).toBeUndefined();
  });

  it("is known for everything that WhatsApp takes", () => {
    const known = new Set(samples.map(([type]) => type));
    const taken = mediaTable.flatMap(({ mimeTypes }) => mimeTypes);
    expect(taken.filter((type) => !known.has(type))).toEqual([]);
  });

  it("is looked for with few reads, however large the file", async () => {
    let read = 0;
    const size = 90 * 1024 * 1024;
    for (const beginning of [jpeg, Buffer.from("PK\x03\x04"), Buffer.from("words ")]) {
      await fileTypeOf({
        size,
        async read(offset, length) {
          read += length;
          return offset === 0 ? beginning : Buffer.alloc(length, 32);
        },
      });
    }
    expect(read).toBeLessThan(100_000);
  });

  it("is found, or not, for any bytes without an error", async () => {
    const beginnings = fc.constantFrom(...samples.map(([, , bytes]) => bytes));
    await fc.assert(
      fc.asyncProperty(
        beginnings,
        fc.nat(80),
        fc.uint8Array({ maxLength: 200 }),
        async (bytes, cut, more) => {
          const type = await typeOf(Buffer.concat([bytes.subarray(0, cut), more]));
          expect(type === undefined || /^[a-z]+\/[a-z0-9.+-]+$/.test(type)).toBe(true);
        },
      ),
    );
  });
});

describe("the name under which a person gets a file", () => {
  it.each([
    ["plan.pdf", "application/pdf", "plan.pdf"],
    ["PLAN.PDF", "application/pdf", "PLAN.PDF"],
    ["plan", "application/pdf", "plan.pdf"],
    ["plan.exe", "application/pdf", "plan.exe.pdf"],
    ["../../etc/passwd", "text/plain", "passwd.txt"],
    ["hours.csv", "text/plain", "hours.csv"],
    ["in\u202egpj.exe", "image/jpeg", "ingpj.exe.jpg"],
    ["", "image/png", "file.png"],
    ["photo.jpeg", "image/jpeg", "photo.jpeg"],
  ])("%s of %s is %s", (name, type, expected) => {
    expect(fileNameFor(name, type)).toBe(expected);
  });
});
