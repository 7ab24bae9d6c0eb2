import { describe, expect, it } from "vitest";
import { cleanFileName, fileNameFor, withEnding } from "../../src/domain/file-name.ts";

const office = "application/vnd.openxmlformats-officedocument";

describe("the ending of a file", () => {
  /** The usual ending first: it is put on when there is none of the type's own. */
  it.each([
    ["image/jpeg", "jpg", "jpeg"],
    ["image/png", "png"],
    ["image/webp", "webp"],
    ["image/gif", "gif"],
    ["image/tiff", "tiff", "tif"],
    ["image/bmp", "bmp"],
    ["image/svg+xml", "svg"],
    ["text/html", "html", "htm", "xhtml"],
    ["image/heic", "heic", "heif", "hif"],
    ["video/mp4", "mp4", "m4v"],
    ["video/3gpp", "3gp"],
    ["video/quicktime", "mov", "qt"],
    ["audio/aac", "aac"],
    ["audio/amr", "amr"],
    ["audio/mpeg", "mp3"],
    ["audio/mp4", "m4a", "m4b"],
    ["audio/ogg", "ogg", "opus"],
    ["audio/wav", "wav"],
    ["application/pdf", "pdf"],
    ["application/msword", "doc", "dot"],
    ["application/vnd.ms-excel", "xls", "xlt"],
    ["application/vnd.ms-powerpoint", "ppt", "pps"],
    [`${office}.wordprocessingml.document`, "docx"],
    [`${office}.spreadsheetml.sheet`, "xlsx"],
    [`${office}.presentationml.presentation`, "pptx"],
  ])("of %s is .%s, and others of its own stay", (type, usual, ...others) => {
    expect(fileNameFor("plan", type)).toBe(`plan.${usual}`);
    expect(fileNameFor("plan.xyz", type)).toBe(`plan.xyz.${usual}`);
    for (const ending of [usual, ...others]) {
      expect(fileNameFor(`plan.${ending}`, type)).toBe(`plan.${ending}`);
      expect(fileNameFor(`plan.${ending.toUpperCase()}`, type)).toBe(`plan.${ending.toUpperCase()}`);
    }
  });

  it("of a type that is not known stays as it is", () => {
    expect(fileNameFor("plan.dwg", "image/vnd.dwg")).toBe("plan.dwg");
    expect(fileNameFor("plan", "image/vnd.dwg")).toBe("plan");
  });

  it("is put on within the length that names may have", () => {
    expect(withEnding("plan", "pdf")).toBe("plan.pdf");
    expect(withEnding("plan", "")).toBe("plan");
    const long = withEnding("a".repeat(120), "pdf");
    expect(long).toBe(`${"a".repeat(116)}.pdf`);
  });
});

describe("a clean name", () => {
  it.each([
    ["C:\\Users\\ann\\plan.pdf", "plan.pdf"],
    ["a/b/c.txt", "c.txt"],
    ["..hidden", "hidden"],
    [" plan.pdf. ", "plan.pdf"],
    ['a<b>c:d"e|f?g*h.txt', "abcdefgh.txt"],
    ["a\u0000b\u202ec\u2028d\u2029.txt", "abcd.txt"],
    ["Zoe\u0308.txt", "Zo\u00eb.txt"],
    ["con", "_con"],
    ["CON.txt", "_CON.txt"],
    ["com1.pdf", "_com1.pdf"],
    ["lpt9", "_lpt9"],
    ["nul.tar.gz", "_nul.tar.gz"],
    ["console.txt", "console.txt"],
    ["my con.txt", "my con.txt"],
    ["...", ""],
    ["a/", ""],
  ])("of %j is %j", (given, clean) => {
    expect(cleanFileName(given)).toBe(clean);
  });

  it("keeps its ending when it is cut, by characters and by bytes", () => {
    expect(cleanFileName(`${"a".repeat(200)}.jpeg`)).toBe(`${"a".repeat(115)}.jpeg`);
    expect(cleanFileName("a".repeat(120))).toBe("a".repeat(120));
    // Three bytes each: 240 bytes in all.
    expect(cleanFileName(`${"क".repeat(119)}.txt`)).toBe(`${"क".repeat(78)}.txt`);
    expect(cleanFileName(`${"क".repeat(80)}`)).toBe("क".repeat(80));
    expect(cleanFileName(`${"क".repeat(81)}`)).toBe("क".repeat(80));
  });
});
