import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileNameOf, trueName } from "../../src/inbound/file-name.ts";

const sentAt = "2026-11-02T09:08:07.000Z";

function nameOf(fileName: string | undefined, mimeType = "image/jpeg"): string {
  return fileNameOf(
    { id: "1", mimeType, ...(fileName === undefined ? {} : { fileName }) },
    { type: "image", sentAt },
  );
}

describe("fileNameOf", () => {
  it.each([
    ["invoice.pdf", "invoice.pdf"],
    ["فاتورة.pdf", "فاتورة.pdf"],
    ["रसीद 1.pdf", "रसीद 1.pdf"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\windows\\system.ini", "system.ini"],
    ["/etc/passwd", "passwd"],
    ["C:\\temp\\a.txt", "a.txt"],
    [".bashrc", "bashrc"],
    ["...", "image-20261102-090807.jpg"],
    ["a\u0000b.pdf", "ab.pdf"],
    ["a\r\nContent-Type: x.pdf", "aContent-Type x.pdf"],
    ["photo\u202Egpj.exe", "photogpj.exe"],
    ['a<b>:c"|?*.txt', "abc.txt"],
    ["CON", "_CON"],
    ["con.txt", "_con.txt"],
    ["LPT1.log", "_LPT1.log"],
    ["console.txt", "console.txt"],
    ["name. ", "name"],
    ["", "image-20261102-090807.jpg"],
    [undefined, "image-20261102-090807.jpg"],
  ])("S34: %j becomes %j", (given, expected) => {
    expect(nameOf(given)).toBe(expected);
  });

  it("a file without a name and of an unknown kind has no ending", () => {
    expect(nameOf(undefined, "application/x-nobody-knows")).toBe("image-20261102-090807");
    expect(nameOf(undefined, "image/../../png")).toBe("image-20261102-090807");
  });

  it("a name of 5,000 characters is cut before its ending", () => {
    const name = nameOf(`${"a".repeat(5000)}.pdf`);
    expect(name).toHaveLength(120);
    expect(name).toMatch(/^a+\.pdf$/);
  });

  it("a long name in a script of three bytes a letter fits into 255 bytes, as file systems want it", () => {
    const name = nameOf(`${"漢".repeat(200)}.pdf`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name).toMatch(/^漢+\.pdf$/);
  });

  it("whatever the name, the result is a plain, short file name", () => {
    const nasty = fc.constantFrom(
      ..."/\\\0\r\n\t.:*?\"<>| \u202E\u200F\u2066\u200B\u2028\uD83D\uDE00\uD800e\u0301%~$`'".split(""),
      "..",
      "CON",
      "nul.",
      "👩‍👩‍👧",
    );
    const names = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.array(fc.oneof(nasty, fc.string()), { maxLength: 300 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(names, fc.string(), (given, mimeType) => {
        const name = nameOf(given, mimeType);
        expect(name).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}/\\<>:"|?*]/u);
        expect(name).not.toMatch(/^[.\s]|[.\s]$/);
        expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
        expect([...name].length).toBeGreaterThan(0);
        expect([...name].length).toBeLessThanOrEqual(120);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("trueName, once the bytes are known", () => {
  const named = (fileName: string | undefined, mimeType: string) =>
    trueName(
      { id: "1", mimeType: "application/octet-stream", ...(fileName ? { fileName } : {}) },
      { type: "document", sentAt },
      mimeType,
    );

  it.each([
    ["report.pdf", "application/pdf", "report.pdf"],
    ["notes.md", "text/plain", "notes.md"],
    ["data.csv", "text/plain", "data.csv"],
    ["run.exe", "text/plain", "run.exe.txt"],
    ["run.exe", "application/pdf", "run.exe.pdf"],
    ["RUN.EXE", "application/pdf", "RUN.EXE.pdf"],
    [undefined, "application/pdf", "document-20261102-090807.pdf"],
    [undefined, "application/x-unknown-kind", "document-20261102-090807"],
  ])("of %j with the bytes of %s is %s", (fileName, mimeType, expected) => {
    expect(named(fileName, mimeType)).toBe(expected);
  });
});
