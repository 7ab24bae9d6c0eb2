import { afterEach, expect, test, vi } from "vitest";
import { armFromEnvironment } from "../../src/app/crash-at.ts";
import { operator } from "../../src/app/operator.ts";

const armed = vi.hoisted(() => [] as string[]);
const os = vi.hoisted(() => ({ name: "maya" as string | undefined }));
vi.mock("../../src/telemetry/crash-point.ts", async (original) => ({
  ...(await original<object>()),
  armCrashPoint: (setting: string) => void armed.push(setting),
}));
vi.mock("node:os", async (original) => ({
  ...(await original<object>()),
  userInfo: () => {
    if (os.name === undefined) throw new Error("no such user");
    return { username: os.name };
  },
}));
afterEach(() => {
  vi.unstubAllEnvs();
  armed.length = 0;
});

test.each([[undefined], [""]])("nothing is armed with CRASH_AT being %j", (setting) => {
  vi.stubEnv("CRASH_AT", setting);
  expect([armFromEnvironment(), armed]).toEqual([undefined, []]);
});

test("the point that CRASH_AT names is armed, and people are told", () => {
  vi.stubEnv("CRASH_AT", "contact.written");
  expect(armFromEnvironment()).toBe(
    "CRASH_AT is set: this process kills itself at contact.written. Never set it where real messages pass.",
  );
  expect(armed).toEqual(["contact.written"]);
});

test("an operator is named as the system does, by a number where there is no name, else not at all", () => {
  os.name = "maya";
  expect(operator()).toBe("user:maya");
  os.name = undefined;
  expect(operator()).toBe(`user:${process.getuid?.()}`);
  const getuid = vi.spyOn(process, "getuid").mockReturnValue(undefined as never);
  expect(operator()).toBe("user:unknown");
  getuid.mockRestore();
});
