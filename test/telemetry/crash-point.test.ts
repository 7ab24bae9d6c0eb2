import { spawnSync } from "node:child_process";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { armCrashPoint } from "../../src/telemetry/crash-point.ts";

const point = new URL("../../src/telemetry/crash-point.ts", import.meta.url).href;
const node = ["--conditions=source", "--import", "tsx"];

/** Arms what is given, passes the points in order and says how far it came. */
function pass(setting: string | undefined, names: string[]) {
  const script = `
    import { armCrashPoint, crashPoint } from ${JSON.stringify(point)};
    if (${setting !== undefined}) armCrashPoint(${JSON.stringify(setting ?? "")});
    for (const name of ${JSON.stringify(names)}) { crashPoint(name); process.stdout.write(name + " "); }`;
  const { signal, stdout } = spawnSync(process.execPath, [...node, "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  return { signal, passed: stdout.trim() };
}

describe("a crash point", () => {
  it("is passed by when none is armed", () => {
    expect(pass(undefined, ["send.made", "send.known"])).toEqual({
      signal: null,
      passed: "send.made send.known",
    });
  });

  it("ends the process on the spot, at the passing that was named", () => {
    expect(pass("send.made", ["send.intended", "send.made"])).toEqual({
      signal: "SIGKILL",
      passed: "send.intended",
    });
    expect(pass("send.made:2", ["send.made", "send.known", "send.made"])).toEqual({
      signal: "SIGKILL",
      passed: "send.made send.known",
    });
  });

  it.each(["nowhere", "send.made:0", "send.made:x", "send.made:2:3"])(
    "%s is refused, and every point named",
    (setting) => {
      expect(() => armCrashPoint(setting)).toThrow(
        "CRASH_AT is for tests only and takes name or name:n; name is one of webhook.parsed,",
      );
    },
  );

  it("that does not exist is refused by the command line before it does anything", async () => {
    vi.stubEnv("CRASH_AT", "nowhere");
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(createProgram().parseAsync(["check"], { from: "user" })).rejects.toThrow(
      "CRASH_AT is for tests only",
    );
  });
});
