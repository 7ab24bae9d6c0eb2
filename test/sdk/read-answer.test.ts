import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  createAnswerReader,
  type HttpAnswer,
  parseJson,
  readAs,
  readCursor,
  unexpectedShape,
} from "../../src/sdk/index.ts";
import { failureOf } from "../support/failure-of.ts";

const answerOf = (value: unknown): HttpAnswer => ({
  status: 200,
  headers: {},
  text: JSON.stringify(value),
  json: () => value,
});
const record = z.object({
  id: z.number().transform(String),
  owner: z.object({ name: z.string() }).optional(),
});
const read = createAnswerReader("Acme Desk");

describe("an answer", () => {
  it("is read as its schema gives it", () => {
    expect(read(answerOf({ id: 7, more: true }), record, "create ticket")).toEqual({ id: "7" });
  });

  it("of another shape may have had its effect, and its error names the place and quotes nothing", async () => {
    const value = { id: 7, owner: { name: ["Maria Musterfrau"] } };
    const failure = await failureOf((async () => read(answerOf(value), record, "create ticket"))());
    expect(failure).toMatchObject({
      kind: "ambiguous",
      code: "unexpected_shape",
      operatorMessage: "create ticket: the answer is not as Acme Desk writes it (owner.name)",
    });
    expect(JSON.stringify(failure)).not.toContain("Musterfrau");
  });

  it("that is no record at all is wrong as a whole", () => {
    const asked = { what: "look up ticket", server: "Acme Desk" };
    const message = "look up ticket: the answer is not as Acme Desk writes it (as a whole)";
    expect(() => readAs(null, record, asked)).toThrow(message);
    expect(unexpectedShape(asked).operatorMessage).toBe(message);
  });
});

describe("JSON from outside", () => {
  it("comes as text or bytes", () => {
    expect(parseJson('{"name":"Zoë"}')).toEqual({ name: "Zoë" });
    expect(parseJson(Buffer.from('{"name":"Zoë"}'))).toEqual({ name: "Zoë" });
  });

  it.each(["", "{", "<html>", "\u0000", "undefined"])("that is none (%j) is undefined", (text) => {
    expect(parseJson(text)).toBeUndefined();
  });
});

describe("a cursor", () => {
  const schema = z.object({ from: z.int() });

  it("comes back as it was written", () => {
    expect(readCursor(JSON.stringify({ from: 5 }), schema)).toEqual({ from: 5 });
  });

  it.each(["", "5", "{", '{"from":"5"}', "null"])(
    "that is not ours (%j) is a fault of our own",
    async (cursor) => {
      const failure = await failureOf((async () => readCursor(cursor, schema))());
      expect(failure).toMatchObject({
        kind: "bug",
        operatorMessage: "list changes: the cursor is not one of ours",
      });
    },
  );
});
