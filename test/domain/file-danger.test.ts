import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { carriedType } from "../../src/domain/carried-type.ts";
import { dangerousEnding, lookInto } from "../../src/domain/file-danger.ts";
import { jpeg, pdf, samples, text } from "../support/sample-files.ts";

const latin = (words: string) => Buffer.from(words, "latin1");
const look = (bytes: Buffer, name = "file") =>
  lookInto({ size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) }, name);

/** The end of a ZIP file, with a comment of so many bytes. */
function archiveEnd(comment = 0): Buffer {
  const end = Buffer.alloc(22 + comment);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(comment, 20);
  return end;
}

describe("S35: what can do harm", () => {
  it("is known for every type by which a machine runs or shows it, and for no other", async () => {
    const found: Record<string, string> = {};
    for (const [type, , bytes] of samples) {
      const { danger } = await look(bytes);
      if (danger) found[type ?? "unknown"] = danger;
    }
    expect(found).toEqual({
      "application/vnd.microsoft.portable-executable": "program",
      "application/x-elf": "program",
      "application/x-mach-binary": "program",
      "application/java-vm": "program",
      "application/java-archive": "program",
      "application/wasm": "program",
      "application/vnd.android.dex": "program",
      "application/vnd.android.package-archive": "program",
      "application/x-ms-shortcut": "program",
      "application/vnd.ms-cab-compressed": "program",
      "application/x-msi": "program",
      "text/x-shellscript": "script",
      "text/html": "page",
      "image/svg+xml": "page",
      "application/vnd.ms-word.document.macroenabled.12": "macros",
    });
  });

  it.each([
    [
      "a picture with a script behind its first bytes",
      Buffer.concat([latin("GIF89a/*"), latin("*/<script>alert(1)</script>")]),
    ],
    ["a picture with PHP in its comment", Buffer.concat([jpeg, latin("<?php system($_GET[1]); ?>")])],
    ["a picture that ends as an archive", Buffer.concat([jpeg, archiveEnd()])],
    ["a picture that ends as an archive with a comment", Buffer.concat([jpeg, archiveEnd(3000)])],
    ["a paper that ends as an archive", Buffer.concat([pdf, archiveEnd()])],
    ["something unknown that ends as an archive", Buffer.concat([Buffer.alloc(50), archiveEnd(65_535)])],
  ])("hides in %s", async (_what, bytes) => {
    expect((await look(bytes)).danger).toBe("hidden");
  });

  it("is not seen in a picture that only holds such bytes somewhere", async () => {
    const bytes = Buffer.concat([jpeg, archiveEnd(), Buffer.alloc(10), jpeg]);
    expect(await look(bytes)).toEqual({ type: "image/jpeg" });
  });

  it.each([
    ["run.bat", text, "script"],
    ["run.VBS", text, "script"],
    ["run.js ", text, "script"],
    ["a.tar.ps1", text, "script"],
    ["page.svg", latin("words only"), "page"],
    ["page.xhtml", latin("<?xml version='1.0'?><a >"), "page"],
    ["setup.exe", Buffer.from([1, 2, 3, 0, 255]), "program"],
    ["disk.iso", Buffer.alloc(40), "program"],
    ["sheet.xlsb", Buffer.from([1, 2, 3]), "macros"],
    ["notes.txt", text, undefined],
    ["hours.csv", text, undefined],
    ["photo.exe", jpeg, undefined],
    ["noending", Buffer.from([1, 2, 3]), undefined],
  ])("in %s is told by the name, where the bytes say nothing", async (name, bytes, expected) => {
    expect((await look(bytes, name)).danger).toBe(expected);
  });

  it("is looked for in any bytes without an error, and with few reads", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples.map(([, , bytes]) => bytes)),
        fc.uint8Array({ maxLength: 300 }),
        fc.string(),
        async (bytes, more, name) => {
          const { type } = await look(Buffer.concat([bytes.subarray(0, 90), more]), name);
          expect(type === undefined || /^[a-z]+\/[a-z0-9.+-]+$/.test(type)).toBe(true);
        },
      ),
    );
    let read = 0;
    const size = 90 * 1024 * 1024;
    const slice = (offset: number, length: number) => (offset === 0 ? jpeg : Buffer.alloc(length, 7));
    await lookInto(
      {
        size,
        async read(offset, length) {
          read += length;
          return slice(offset, length);
        },
      },
      "a.jpg",
    );
    expect(read).toBeLessThan(150_000);
  });

  it("by its ending knows no usual document", () => {
    const usual =
      "jpg png webp gif mp4 3gp pdf doc docx xls xlsx ppt pptx odt ods csv txt json xml zip vcf ogg mp3";
    for (const ending of usual.split(" ")) expect(dangerousEnding(`file.${ending}`)).toBeUndefined();
  });
});

describe("the type that a file is carried under", () => {
  it.each([
    ["image/png", "image/jpeg", "image/png"],
    ["image/jpeg", "image/jpeg", "image/jpeg"],
    ["audio/ogg", "audio/ogg; codecs=opus", "audio/ogg; codecs=opus"],
    ["text/plain", "text/csv", "text/csv"],
    ["text/plain", "text/html", "text/plain"],
    ["text/plain", "image/jpeg", "text/plain"],
    ["application/zip", "application/epub+zip", "application/epub+zip"],
    ["application/zip", "application/pdf", "application/zip"],
    ["video/mp4", "audio/mp4", "audio/mp4"],
    [undefined, "image/jpeg", "application/octet-stream"],
    [undefined, "text/html", "application/octet-stream"],
    [undefined, "image/svg+xml", "application/octet-stream"],
    [undefined, "application/x-dwg", "application/x-dwg"],
    [undefined, "application/pdf\r\nX-Evil: 1", "application/octet-stream"],
    [undefined, "", "application/octet-stream"],
  ])("of bytes %s, declared as %j, is %s", (found, declared, expected) => {
    expect(carriedType(found, declared)).toBe(expected);
  });
});
