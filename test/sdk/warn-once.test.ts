import { expect, it } from "vitest";
import { createWarnOnce } from "../../src/sdk/index.ts";

const logging = () => {
  const lines: string[] = [];
  return { lines, log: { warn: (message: string) => void lines.push(message) } };
};

it("each warning is told once, in its turn", () => {
  const { lines, log } = logging();
  const warnOnce = createWarnOnce(log);
  for (const message of ["no field", "no queue", "no field", "no queue", "no field"]) warnOnce(message);
  expect(lines).toEqual(["no field", "no queue"]);
});

it("a plugin that is made anew tells it again", () => {
  const { lines, log } = logging();
  for (const warnOnce of [createWarnOnce(log), createWarnOnce(log)]) warnOnce("no field");
  expect(lines).toEqual(["no field", "no field"]);
});
