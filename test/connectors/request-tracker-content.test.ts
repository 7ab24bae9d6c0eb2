import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentOf } from "../../connectors/request-tracker/attachment-content.ts";
import { failureOf } from "./request-tracker-bench.ts";

async function* pieces(text: string, sizes: number[]): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function bytesOf(text: string, sizes = [text.length]): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of contentOf(pieces(text, sizes))) all.push(part);
  return Buffer.concat(all);
}

/** As MIME::Base64 breaks lines and JSON escapes them. */
function answerOf(bytes: Buffer, before: object = {}, indent = 0): string {
  const lines = bytes.toString("base64").replace(/.{1,76}/g, "$&\n");
  return JSON.stringify({ ...before, Content: lines, Filename: "a.bin" }, null, indent);
}

describe("a file within the JSON of Request Tracker", () => {
  it("comes out byte for byte, however the answer is cut into pieces", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        sizes,
        fc.constantFrom(0, 3),
        async (given, cuts, indent) => {
          const bytes = Buffer.from(given);
          expect((await bytesOf(answerOf(bytes, { id: "7" }, indent), cuts)).equals(bytes)).toBe(true);
        },
      ),
    );
  });

  it("is not mistaken for a text that speaks of content", async () => {
    const before = { Headers: 'Subject: "Content":"aGVsbG8="\n', Subject: '"Content"' };
    expect(await bytesOf(answerOf(Buffer.from("right"), before))).toEqual(Buffer.from("right"));
  });

  it("may be empty", async () => {
    expect(await bytesOf('{"Content":null}')).toHaveLength(0);
    expect(await bytesOf('{"Content":""}')).toHaveLength(0);
  });

  it("is not whole while the answer breaks off behind it: RT writes the fields in any order", async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"Content":"cmlnaHQ=","Crea');
      throw new Error("the connection was reset");
    }
    const read = async () => {
      for await (const _part of contentOf(broken()));
    };
    await expect(read()).rejects.toThrow("the connection was reset");
  });

  it("is decoded while it comes: memory does not grow with it", async () => {
    const text = answerOf(randomBytes(300_000));
    let longest = 0;
    for await (const part of contentOf(pieces(text, [16_384]))) longest = Math.max(longest, part.length);
    expect(longest).toBeLessThan(16_384);
  });

  it.each([
    ["cut off", '{"Content":"aGVsbG8'],
    ["ending within a group", '{"Content":"aGVsb"}'],
    ["without content", '{"id":"1"}'],
    ["a page", "<html>log in</html>"],
    ["a list", "[]"],
    ["empty", ""],
    ["endless before the content", `{"Headers":"${"x".repeat(1_100_000)}`],
  ])("%s is unclear", async (_name, text) => {
    expect(await failureOf(bytesOf(text, [50_000]))).toMatchObject({ kind: "ambiguous" });
  });
});
