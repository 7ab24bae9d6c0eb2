import { expect, test } from "vitest";
import { attempt } from "../../src/app/check-result.ts";
import { RetryLater } from "../../src/domain/failure.ts";

test("a look without problems has none, and keeps its lines", async () => {
  const found = await attempt("redis", async () => ({ lines: ["answers"] }));
  expect(found).toEqual({ what: "redis", lines: ["answers"], problems: [] });
});

test("the problems that a look finds are its own", async () => {
  const found = await attempt("redis", async () => ({ lines: [], problems: ["slow"] }));
  expect(found).toEqual({ what: "redis", lines: [], problems: ["slow"] });
});

test.each([
  ["an error", new Error("refused"), "refused"],
  ["a failure", Object.assign(new RetryLater("secret", 0), { operatorMessage: "busy" }), "busy"],
  ["what is no error", "odd", "unknown error"],
])("%s that a look throws is its problem", async (_what, thrown, reason) => {
  const found = await attempt("channels.city", () => Promise.reject(thrown));
  expect(found).toEqual({ what: "channels.city", lines: [], problems: [reason] });
});
