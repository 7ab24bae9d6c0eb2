import { expect, test } from "vitest";
import { mappingKinds } from "../../src/domain/records.ts";
import { Refused } from "../../src/playground/refusal.ts";
import { asCase, asEvaluation, asReading, asSave } from "../../src/playground/requests.ts";

const text = { kind: "ticket", source: "{}" };
const kinds = `kind: one of ${mappingKinds.join(", ")}`;

test.each(mappingKinds)("a mapping of the kind %s is tried, kept and saved", (kind) => {
  const input = { a: 1 };
  expect(asEvaluation({ kind, source: "{}", input, more: 1 })).toEqual({ kind, source: "{}", input });
  expect(asCase({ kind, source: "", input, name: " one " })).toEqual({
    kind,
    source: "",
    input,
    name: "one",
  });
  expect(asSave({ kind, source: "{}", stamp: "s" })).toEqual({ kind, source: "{}", stamp: "s" });
  expect(asSave({ kind, source: "{}", stamp: null })).toEqual({ kind, source: "{}", stamp: null });
});

test("a payload is read of a channel type", () => {
  expect(asReading({ channelType: "meta", body: "", more: 1 })).toEqual({ channelType: "meta", body: "" });
});

test.each<[read: (body: unknown) => unknown, body: unknown, message: string]>([
  [asEvaluation, undefined, "Send a JSON object."],
  [asEvaluation, null, "Send a JSON object."],
  [asSave, "text", "Send a JSON object."],
  [asEvaluation, { ...text, kind: "poem" }, kinds],
  [asSave, { source: "{}", stamp: null }, kinds],
  [asEvaluation, { kind: "ticket" }, "source: text"],
  [asSave, { kind: "ticket", stamp: null }, "source: text"],
  [asSave, text, "stamp: text or null"],
  [asSave, { ...text, stamp: 1 }, "stamp: text or null"],
  [asCase, text, "name: text"],
  [asCase, { ...text, name: "  " }, "Give the test case a name."],
  [asReading, { body: "" }, "channelType: text"],
  [asReading, { channelType: "meta" }, "body: text"],
])("%o of %j is refused: %s", (read, body, message) => {
  expect(() => read(body)).toThrow(Refused);
  expect(() => read(body)).toThrow(message);
  try {
    read(body);
  } catch (error) {
    expect(error).toMatchObject({ status: 400, message });
  }
});
