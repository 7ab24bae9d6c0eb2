import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createLogger, type LogLevel } from "../../src/telemetry/logger.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Logs each pair as a process of its own would; resolves with its stdout, byte for byte. */
async function logged(
  lines: [message: string, fields: Record<string, unknown>][],
  level = "debug",
): Promise<string> {
  const program = `
    import { createLogger } from "./src/telemetry/logger.ts";
    import { text } from "node:stream/consumers";
    const logger = createLogger(${JSON.stringify(level)}, { role: "test" });
    const levels = ["debug", "info", "warn", "error"];
    JSON.parse(await text(process.stdin)).forEach(([message, fields], n) => logger[levels[n % 4]](message, fields));
  `;
  const args = ["--conditions=source", "--import", "tsx", "--input-type=module", "--eval", program];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(lines));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

describe("the logger", () => {
  it("S40: writes one line and one JSON object for each of 10,000 hostile strings", async () => {
    const nasty = fc.constantFrom(
      "\r\n",
      "\n",
      "\u001b[31mred\u001b[0m",
      "\u009b2J",
      "\u2028",
      "\u2029",
      "\u0085",
      "\u0000",
      "\u007f",
      "\u202e",
      '"}',
      '{"level":"error","message":"forged"}',
      "\\",
      "\ud800",
      "%s %d %j",
    );
    const text = fc.array(fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 20 })), { maxLength: 6 });
    const strings = fc.sample(
      text.map((parts) => parts.join("")),
      { numRuns: 10_000, seed: 20261102 },
    );
    const keys = ["detail", "message", "level", "timestamp", "splat", "stack"];
    const output = await logged(
      strings.map((string, n) => [string, { [keys[n % keys.length] ?? ""]: string, [string]: n }]),
    );
    expect(output.endsWith("\n")).toBe(true);
    const lines = output.slice(0, -1).split("\n");
    expect(lines).toHaveLength(strings.length);
    const levels = ["debug", "info", "warn", "error"];
    for (const [n, line] of lines.entries()) {
      const parsed = JSON.parse(line) as Record<string, unknown>;
      expect(parsed["level"]).toBe(levels[n % 4]);
      expect(parsed["role"]).toBe("test");
      expect(parsed["timestamp"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(typeof parsed["message"]).toBe("string");
    }
    expect(output.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  });

  it("S41: what it is given in message, field names and nested values is redacted on the line", async () => {
    const output = await logged([
      ["call +44 7700 900123", {}],
      ["x", { deep: [{ to: "wamid.HBgMNDQ3NzAwOTAwMTIz" }, { note: "447700900123" }] }],
      ["x", { "+447700900123": 1, person: "+447700900123", event: { text: "secret words" } }],
      ["x", { message: "also +447700900123", stack: "at +447700900123", level: "+447700900123" }],
    ]);
    expect(output.trim().split("\n")).toHaveLength(4);
    expect(output).not.toMatch(/7700|900123|HBgM|secret words/);
  });

  it("writes nothing when silent, and only what is serious enough otherwise", async () => {
    const four: [string, Record<string, unknown>][] = [
      ["a", {}],
      ["b", {}],
      ["c", {}],
      ["d", {}],
    ];
    expect(await logged(four, "silent")).toBe("");
    const lines = (await logged(four, "warn")).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(["c", "d"]);
  });
});

describe("a line of the log", () => {
  /** What this process writes while `use` logs. */
  function linesOf(level: LogLevel, use: (logger: ReturnType<typeof createLogger>) => void) {
    const lines: Record<string, unknown>[] = [];
    const output = (console as unknown as { _stdout: NodeJS.WriteStream })._stdout;
    const spy = vi.spyOn(output, "write").mockImplementation((text) => {
      lines.push(JSON.parse(String(text)) as Record<string, unknown>);
      return true;
    });
    onTestFinished(() => spy.mockRestore());
    use(createLogger(level, { role: "test" }));
    spy.mockRestore();
    return lines;
  }

  it("keeps its own level, message and time; fields of these names stand beside them", () => {
    const [line, ...others] = linesOf("debug", (logger) =>
      logger.warn("ours", { level: "error", message: "theirs", timestamp: "never", count: 1 }),
    );
    expect(others).toEqual([]);
    expect(line).toEqual({
      timestamp: expect.stringMatching(/^20\d\d-/),
      level: "warn",
      message: "ours",
      role: "test",
      field_level: "error",
      field_message: "theirs",
      field_timestamp: "never",
      count: 1,
    });
    expect(Object.keys(line ?? {}).slice(0, 3)).toEqual(["timestamp", "level", "message"]);
  });

  it.each<[LogLevel, string[]]>([
    ["debug", ["debug", "info", "warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
    ["silent", []],
  ])("of the level %s is one of %j", (level, expected) => {
    const lines = linesOf(level, (logger) => {
      for (const at of ["debug", "info", "warn", "error"] as const) logger[at]("x");
    });
    expect(lines.map((line) => line["level"])).toEqual(expected);
  });
});
