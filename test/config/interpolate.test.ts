import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interpolate } from "../../src/config/interpolate.ts";

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);
/** Text that cannot begin a reference, not even together with what follows. */
const plainText = fc.string({ maxLength: 12 }).map((text) => text.replaceAll("$", ""));
const value = fc.string({ minLength: 1, maxLength: 20 });

describe("interpolate", () => {
  test("fills in every reference once; what a variable holds is never looked at again", () => {
    const hostile = fc.oneof(value, fc.constantFrom(`\${OTHER}`, `$\${X}`, "$&", "$1", `\${A:-\${B}}`));
    fc.assert(
      fc.property(fc.array(fc.tuple(plainText, name, hostile)), plainText, (parts, end) => {
        const variables = new Map(parts.map(([, key, text]) => [key, text]));
        const source = parts.map(([before, key]) => `${before}\${${key}}`).join("") + end;
        const filled = parts.map(([before, key]) => before + variables.get(key)).join("") + end;
        const result = interpolate(source, (key) => variables.get(key));
        expect(result).toEqual({ text: filled, changed: parts.length > 0, missing: [], malformed: false });
      }),
    );
  });

  test("names every variable that is missing and has no default", () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), (names) => {
        const source = names.map((key) => `\${${key}}`).join(" ");
        expect(interpolate(source, () => undefined).missing).toEqual(names);
      }),
    );
  });

  test("a default stands in for a missing and for an empty variable", () => {
    const text = fc.string({ maxLength: 10 }).map((given) => given.replaceAll("}", ""));
    fc.assert(
      fc.property(name, text, fc.constantFrom(undefined, ""), (key, fallback, empty) => {
        expect(interpolate(`<\${${key}:-${fallback}}>`, () => empty)).toEqual({
          text: `<${fallback}>`,
          changed: true,
          missing: [],
          malformed: false,
        });
      }),
    );
  });

  test("escaped and foreign forms are left as they are", () => {
    const same = { changed: false, missing: [], malformed: false };
    expect(interpolate(`$\${NAME}`, () => "value")).toEqual({ text: `\${NAME}`, ...same });
    for (const text of ["$NAME", "{A}", "$ {A}", "100 $", "$&"]) {
      expect(interpolate(text, () => "value")).toEqual({ text, ...same });
    }
  });

  test("a slip in a reference is told", () => {
    for (const rest of ["}", "1A}", "A-b}", "A", "my token}", "A:default}"]) {
      expect(interpolate(`x\${${rest}`, () => "value")).toMatchObject({ malformed: true, changed: false });
    }
  });
});
