import { describe, expect, it } from "vitest";
import { endsWithMark, lastMark, markOf } from "../../src/sdk/index.ts";

describe("the mark of a comment", () => {
  it("is the same for the same id, and another for any other", () => {
    const ids = ["m1", "m2", "M1", "wamid.HBgM+/A==", "wamid.HBgM+/A="];
    expect(new Set(ids.map(markOf)).size).toBe(ids.length);
    for (const id of ids) expect(markOf(id)).toMatch(/^#wa-[\w-]{16}$/);
    expect(markOf("m1")).toBe(markOf("m1"));
  });

  it("P18: is the last one, so that a quotation of another does not count", () => {
    expect(lastMark(`<p>she wrote ${markOf("m1")}</p><p>${markOf("m2")}</p>`)).toBe(markOf("m2"));
    expect(lastMark("<p>#wa-short #wa-0123456789abcdefX</p>")).toBeUndefined();
  });

  it("stands at the end, whatever an editor wraps it in", () => {
    const mark = markOf("m1");
    expect(endsWithMark(`<div>Hello</div><div><span style="color:#999">${mark}</span></div>\n&nbsp;`)).toBe(
      true,
    );
    expect(endsWithMark(`<p>${mark} is what they said</p>`)).toBe(false);
    expect(endsWithMark("")).toBe(false);
  });
});
