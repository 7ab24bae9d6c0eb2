import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program that ends by an error which nobody catches. */
function endBy(deed: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const program = `
    import { endOnUnforeseen } from "./src/app/last-words.ts";
    import { createLogger } from "./src/telemetry/logger.ts";
    endOnUnforeseen(createLogger("info", { role: "worker" }));
    setInterval(() => undefined, 1000);
    ${deed}`;
  const args = ["--conditions=source", "--import", "tsx", "--input-type=module", "--eval", program];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error?.code, stdout, stderr });
    });
  });
}

it.each([
  ["an exception", `setTimeout(() => { throw new TypeError("Asha Rao wrote"); });`, "TypeError"],
  [
    "a rejection",
    `void Promise.reject(Object.assign(new Error("Asha Rao wrote"), { to: "Asha" }));`,
    "Error",
  ],
  ["a rejection that is no error", `void Promise.reject("Asha Rao wrote");`, "string"],
  ["two at once", `for (const _ of [1, 2]) setTimeout(() => { throw new Error("Asha Rao"); });`, "Error"],
])(
  "S41: %s that nobody catches ends the process with a line of its own, which quotes nothing",
  async (_, deed, kind) => {
    const { code, stdout, stderr } = await endBy(deed);
    expect(code).toBe(1);
    expect(stderr).toBe("");
    expect(stdout).not.toContain("Asha");
    const [line = ""] = stdout.split("\n");
    expect(JSON.parse(line)).toMatchObject({ level: "error", kind, role: "worker" });
  },
);
