import { describe, expect, it } from "vitest";
import { asFailure, GiveUp, RetryLater } from "../../src/domain/failure.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import { PluginError } from "../../src/sdk/errors.ts";

describe("asFailure", () => {
  it.each([
    [new RetryLater("a receipt may come", 5000), { kind: "waiting", retryable: true, retryAfterMs: 5000 }],
    [new GiveUp("unclear", "nobody knows"), { kind: "unclear", retryable: false }],
    [new PluginError({ kind: "throttled", operatorMessage: "x" }), { kind: "throttled", retryable: true }],
    [new PluginError({ kind: "rejected", operatorMessage: "x" }), { kind: "rejected", retryable: false }],
    [
      new MappingError({ kind: "record", file: "m/ticket.jsonata", reason: "x" }),
      { kind: "record", retryable: false },
    ],
  ])("knows what to do after %s", (error, expected) => {
    expect(asFailure(error)).toBe(error);
    expect(error).toMatchObject({ ...expected, operatorMessage: expect.any(String) });
  });

  it.each([
    new TypeError("x is undefined"),
    Object.assign(new Error("half a failure"), { retryable: true }),
    { retryable: true, operatorMessage: "not an error" },
    "text",
    undefined,
    null,
  ])("takes nothing else for a failure: %s", (thrown) => {
    expect(asFailure(thrown)).toBeUndefined();
  });
});
