import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import meta from "../../src/channels/meta/index.ts";
import { parseCommand } from "../../src/cli/commands/parse.ts";

const payloads = fileURLToPath(new URL("../payloads/meta/", import.meta.url));

interface Outcome {
  code: number;
  lines: Record<string, unknown>[];
  stderr: string;
}

afterEach(() => {
  vi.restoreAllMocks();
});

async function deskferry(args: string[], input = ""): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(process, "stdin", "get").mockReturnValue(
    Readable.from([Buffer.from(input)]) as typeof process.stdin,
  );
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  const command = parseCommand({ meta })
    .exitOverride()
    .configureOutput({ writeErr: (text) => err.push(text) });
  const code = await command.parseAsync(args, { from: "user" }).then(
    () => 0,
    (error: unknown) => (error instanceof CommanderError ? error.exitCode : Number.NaN),
  );
  const lines = out.join("").split("\n").filter(Boolean);
  return { code, lines: lines.map((line) => JSON.parse(line)), stderr: err.join("") };
}

/** A recorded situation: its payload as a body, and what comes out. */
function situation(name: string) {
  const { payload, expected } = JSON.parse(readFileSync(`${payloads}${name}.json`, "utf8"));
  return { body: JSON.stringify(payload), expected };
}

test("P08: every event is a line, and so is what cannot be read, with the reason", async () => {
  const { body, expected } = situation("a-poison-receipt-beside-a-message");
  const { code, lines } = await deskferry(["--channel-type", "meta", "-"], body);
  const odd = expected.quarantined.map((item: object) => ({ type: "quarantined", ...item }));
  expect(lines).toEqual([...expected.events, ...odd]);
  expect([code, lines.length, odd.length]).toEqual([0, 5, 3]);
});

test("several files are read one after the other", async () => {
  const file = `${payloads}a-text-message.json`;
  const { code, lines } = await deskferry(["--channel-type", "meta", file, file]);
  // The recordings themselves are no webhook bodies.
  expect(lines.map(({ type }) => type)).toEqual(["quarantined", "quarantined"]);
  expect(code).toBe(0);
});

test.each([
  [
    "a file that is not there",
    ["--channel-type", "meta", "/nowhere/body.json"],
    "Cannot read /nowhere/body.json",
  ],
  ["a folder", ["--channel-type", "meta", payloads], "Cannot read"],
  [
    "a channel type that is not there",
    ["--channel-type", "fax", "-"],
    'no channel type "fax". Known are: meta',
  ],
  ["a type named like a property of every object", ["--channel-type", "constructor", "-"], "no channel type"],
])("%s ends with a clear error and code 2", async (_name, args, says) => {
  const { code, lines, stderr } = await deskferry(args);
  expect(stderr).toContain(says);
  expect([code, lines]).toEqual([2, []]);
});
