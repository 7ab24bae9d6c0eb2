import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanFields, cleanText, oneLine } from "../../src/sdk/index.ts";

/** Of every sort, also control characters and half of one beyond the basic plane. */
const letters = [...'aé ש"\\/:.\t\n\r\u0000\u0007\u000b\u001b\u007f\u0085👍', "\ud83d"];

describe("a clean text", () => {
  it("has no control characters but tabs and line ends, and all else as it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...letters) }), (text) => {
        const isKept = (letter: string) =>
          "\t\n\r".includes(letter) || (letter >= " " && letter !== "\u007f");
        expect(cleanText(text)).toBe([...text].filter(isKept).join(""));
      }),
    );
  });

  it("loses NUL, escape and delete, and keeps letters of every script", () => {
    expect(cleanText("A\u0000na\u001b[31m \u007f\tשלום\r\n👍🏽\u0085")).toBe("Ana[31m \tשלום\r\n👍🏽\u0085");
  });
});

describe("one line", () => {
  it("has blanks where the text had line ends, none at its ends and no two together", () => {
    expect(oneLine("  No\u0000 heating\r\n\r\n\tsince  Monday\n")).toBe("No heating since Monday");
    expect(oneLine("\u0000 \u0007")).toBe("");
  });
});

describe("clean fields", () => {
  it("are the same fields with clean texts", () => {
    const custom = { room: "1\u00002", floor: 3, lift: false, note: null };
    expect(cleanFields(custom)).toEqual({ room: "12", floor: 3, lift: false, note: null });
    expect(custom.room).toBe("1\u00002");
  });

  it("are none where none were given", () => {
    expect(cleanFields(undefined)).toEqual({});
  });
});
