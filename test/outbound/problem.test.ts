import { expect, it } from "vitest";
import { problemOf } from "../../src/outbound/problem.ts";
import { errorKinds } from "../../src/sdk/errors.ts";
import { PluginError } from "../../src/sdk/index.ts";

const asked = (kind: (typeof errorKinds)[number]) =>
  problemOf(new PluginError({ kind, operatorMessage: "why" }));

it("a channel that tells no more than the kind of its error is asked for what fits the kind", () => {
  expect(Object.fromEntries(errorKinds.map((kind) => [kind, asked(kind).action]))).toEqual({
    config: "stop_channel",
    auth: "stop_channel",
    throttled: "retry",
    unavailable: "retry",
    ambiguous: "await_receipt",
    not_found: "dead_letter",
    conflict: "dead_letter",
    rejected: "dead_letter",
    window_closed: "use_template",
    bug: "dead_letter",
  });
  expect(asked("auth")).toEqual({ action: "stop_channel", reason: "auth", says: "why" });
});

it("what a channel tells of the problem goes before the kind", () => {
  const problem = { action: "drop_file", reason: "file", says: "WhatsApp cannot use the file" } as const;
  expect(problemOf(new PluginError({ kind: "auth", operatorMessage: "why", problem }))).toBe(problem);
});
