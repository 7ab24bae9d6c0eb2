import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { commandLine } from "../support/command-line.ts";

/** Each starts a program, and the machine may be busy. */
vi.setConfig({ testTimeout: 90_000 });

const root = mkdtempSync(join(tmpdir(), "map-command-"));

afterAll(() => rmSync(root, { recursive: true }));

function deskferry(args: string[], stdin = ""): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [...commandLine, ...args], { input: stdin, encoding: "utf8" });
}

test("map test runs the starter mappings by default and exits 0", () => {
  const { status, stdout } = deskferry(["map", "test"]);
  expect(stdout).toMatch(/ok {4}mappings\/request-tracker\/comment\.test\.json: text/);
  expect(stdout).toMatch(/All tests pass/);
  expect(status).toBe(0);
});

test("map test lists labels that lack a language, which is no failure", () => {
  const folder = mkdtempSync(join(root, "l-"));
  const labels = "fallback: en\nlabels:\n  photo: {en: Photo, ur: تصویر}\n  hello: {en: Hello}\n";
  writeFileSync(join(folder, "labels.yaml"), labels);
  const made = { contact: { name: "Hello" }, ticket: { subject: "Hello" }, comment: { body: "Hello" } };
  for (const [kind, record] of Object.entries(made)) {
    const [field] = Object.keys(record);
    writeFileSync(join(folder, `${kind}.jsonata`), `{"${field}": $label("hello", "ur")}`);
    const expected = kind === "comment" ? { ...record, visibility: "public" } : record;
    writeFileSync(join(folder, `${kind}.test.json`), JSON.stringify([{ name: "n", input: {}, expected }]));
  }
  const { status, stdout } = deskferry(["map", "test", folder]);
  expect(stdout).toMatch(/labels\.yaml: not in all languages\n {2}hello: ur\n/);
  expect(status).toBe(0);
});

test("map test exits 1 when a test fails and shows what was expected", () => {
  for (const kind of ["contact", "ticket", "comment"]) {
    writeFileSync(join(root, `${kind}.jsonata`), `{"name": "x"}`);
    const tests = [{ name: "n", input: {}, expected: { name: "y" } }];
    writeFileSync(join(root, `${kind}.test.json`), JSON.stringify(tests));
  }
  const { status, stdout } = deskferry(["map", "test", root]);
  expect(stdout).toMatch(/FAIL {2}.*contact\.test\.json: n\n\s+name\n\s+expected "y"/);
  expect(stdout).toMatch(/3 failed/);
  expect(status).toBe(1);
});

/** A folder whose contact case fails; the others pass. */
function folderWithAFailure(): string {
  const folder = mkdtempSync(join(root, "f-"));
  const files = {
    "contact.jsonata": `{"name": person.name}`,
    "contact.test.json": `[\n  { "name": "n", "input": {"person": {"name": "A"}}, "expected": {"name": "B"} }\n]\n`,
    "ticket.jsonata": `{"subject": message.text}`,
    "ticket.test.json": JSON.stringify([
      { name: "from a payload", payload: { file: "payloads/text.json" }, expected: { subject: "Pump" } },
    ]),
    "comment.jsonata": `{"body": attachment.name & " of " & person.phone}`,
    "comment.test.json": JSON.stringify([
      {
        name: "the second message",
        payload: { file: "payloads/text.json", message: 1 },
        expected: { body: "image-20261120-081530.jpg of +254711222333", visibility: "public" },
      },
    ]),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "payloads"));
  const message = { from: "254711222333", id: "wamid.1", timestamp: "1795162530" };
  const messages = [
    { ...message, type: "text", text: { body: "Pump" } },
    { ...message, id: "wamid.2", type: "image", image: { id: "1", mime_type: "image/jpeg" } },
  ];
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "254700000000", phone_number_id: "1" },
    contacts: [{ wa_id: "254711222333", profile: { name: "A" } }],
    messages,
  };
  const payload = {
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value }] }],
  };
  writeFileSync(join(folder, "payloads", "text.json"), JSON.stringify(payload));
  return folder;
}

test("map test reads payloads with the channel's own parser and tells what is not covered", () => {
  const { stdout } = deskferry(["map", "test", folderWithAFailure()]);
  expect(stdout).toMatch(/ok {4}.*ticket\.test\.json: from a payload/);
  expect(stdout).toMatch(/ok {4}.*comment\.test\.json: the second message/);
  expect(stdout).toMatch(/name\n\s+expected "B"\n\s+got {6}"A"/);
  expect(stdout).toMatch(/ticket\.jsonata: no case with a message of type image, video/);
});

test("map test --junit writes a report, --update takes what came out as expected", () => {
  const folder = folderWithAFailure();
  const report = join(folder, "report.xml");
  expect(deskferry(["map", "test", folder, "--junit", report]).status).toBe(1);
  expect(readFileSync(report, "utf8")).toMatch(/<testsuites tests="3" failures="1"/);
  const { stdout, status } = deskferry(["map", "test", folder, "--update"]);
  expect(stdout).toMatch(/updated {2}.*contact\.test\.json: n\n/);
  expect(status).toBe(0);
  expect(readFileSync(join(folder, "contact.test.json"), "utf8")).toContain(
    `{ "name": "n", "input": {"person": {"name": "A"}}, "expected": {\n`,
  );
  expect(deskferry(["map", "test", folder]).status).toBe(0);
});

test("map test with a wrong option or without mappings exits 2", () => {
  expect(deskferry(["map", "test", "--wath"]).status).toBe(2);
  expect(deskferry(["map", "test", "--watch", "--junit", "x"]).status).toBe(2);
});

test("map test --watch runs again after a change and ends with q", async () => {
  const folder = folderWithAFailure();
  const child = spawn(process.execPath, [...commandLine, "map", "test", folder, "--watch"]);
  let output = "";
  const saw = (text: string) =>
    new Promise<void>((resolve) => {
      child.stdout.on("data", (data: Buffer) => {
        output += data.toString();
        if (output.includes(text)) resolve();
      });
    });
  await saw("Waiting for changes");
  expect(output).toContain("1 failed.");
  output = "";
  writeFileSync(join(folder, "contact.jsonata"), `{"name": "B"}`);
  await saw("Waiting for changes");
  expect(output).toContain("All tests pass.");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.stdin.write("q");
  expect(await ended).toBe(0);
});

test("map run prints the record, from an argument or from standard input", () => {
  const input = JSON.stringify({ person: { name: "Amina" } });
  const file = "mappings/sandbox/contact.jsonata";
  expect(JSON.parse(deskferry(["map", "run", file, "--input", input]).stdout)).toEqual({ name: "Amina" });
  expect(JSON.parse(deskferry(["map", "run", file, "--input", "-"], input).stdout)).toEqual({
    name: "Amina",
  });
});

test("map run shows line, reason and JSONata's own words to the author", () => {
  const file = join(root, "comment.jsonata");
  writeFileSync(file, `{\n"body": $number(message.text)}`);
  const result = deskferry(["map", "run", file, "--input", `{"message": {"text": "seven"}}`]);
  expect(result.stderr).toMatch(/comment\.jsonata:2:\d+: Unable to cast value to a number: … .*\n.*"seven"/);
  expect(result.status).toBe(1);
});

test("map run names what is wrong with its arguments", () => {
  expect(deskferry(["map", "run", join(root, "odd.jsonata"), "--input", "{}"]).stderr).toMatch(
    /Call it contact, ticket/,
  );
  const result = deskferry(["map", "run", "mappings/sandbox/contact.jsonata", "--input", "{"]);
  expect(result.stderr).toMatch(/--input cannot be read/);
  expect(result.status).toBe(2);
});
