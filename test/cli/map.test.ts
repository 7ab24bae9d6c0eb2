import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createRecordings } from "../../src/store/recordings.ts";
import { runCommand, setUpCommands } from "./command-setup.ts";

/** Each maps in a child of its own, and the machine may be busy. */
vi.setConfig({ testTimeout: 60_000 });

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskferry-map-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const usual: Record<string, string> = {
  "contact.jsonata": `{"name": person.name}`,
  "ticket.jsonata": `{"subject": message.text = "fire" ? "Fire!" : message.text}`,
  "comment.jsonata": `{"body": message.text}`,
};
const caseOf = (input: object, expected: object) => JSON.stringify([{ name: "usual", input, expected }]);
const tests: Record<string, string> = {
  "contact.test.json": caseOf({ person: { name: "Ann" } }, { name: "Ann" }),
  "ticket.test.json": caseOf({ message: { text: "Pump" } }, { subject: "Pump" }),
  "comment.test.json": caseOf({ message: { text: "a" } }, { body: "a", visibility: "public" }),
};

async function folderOf(changed: Record<string, string> = {}): Promise<string> {
  const folder = join(await scratch(), "mapping");
  await mkdir(folder);
  for (const [name, text] of Object.entries({ ...usual, ...tests, ...changed }))
    await writeFile(join(folder, name), text);
  return folder;
}

describe("map test", () => {
  it("prints each case, the branches that no case takes, and that all pass", async () => {
    const folder = await folderOf();
    const { out, err, code } = await runCommand(["map", "test", folder]);
    expect(out).toContain(`ok    ${join(folder, "ticket.test.json")}: usual\n`);
    expect(out).toMatch(/\nBranches: 1 of 2 taken\.\n/);
    expect(out).toMatch(/ {2}\S*ticket\.jsonata:1:\d+: .+\n/);
    expect(out.endsWith("All tests pass.\n")).toBe(true);
    expect([err, code]).toEqual(["", 0]);
  });

  it("prints what differs and how many failed, and takes it as expected only when asked to", async () => {
    const folder = await folderOf({
      "contact.test.json": caseOf({ person: { name: "Ann" } }, { name: "Bob" }),
      "comment.jsonata": `{"body": 7}`,
    });
    const failed = await runCommand(["map", "test", folder]);
    expect(failed.out).toMatch(
      /FAIL {2}\S*contact\.test\.json: usual\n\s+name\n\s+expected "Bob"\n\s+got {6}"Ann"\n/,
    );
    expect(failed.out).toMatch(
      /FAIL {2}\S*comment\.test\.json: usual\n\s+\S*comment\.jsonata.*\$string\(value\)/,
    );
    expect(failed.out).toContain("2 failed.\n");
    expect(failed.out).not.toContain("updated");
    expect(failed.code).toBe(1);

    const updated = await runCommand(["map", "test", folder, "--update"]);
    expect(updated.out).toContain(`updated  ${join(folder, "contact.test.json")}: usual\n`);
    expect(updated.out).not.toContain(`updated  ${join(folder, "comment.test.json")}`);
    expect(updated.out).toContain("1 failed.\n");
    expect(updated.code).toBe(1);
    const [kept] = JSON.parse(await readFile(join(folder, "contact.test.json"), "utf8"));
    expect(kept).toEqual({ name: "usual", input: { person: { name: "Ann" } }, expected: { name: "Ann" } });
  });

  it("tells on standard error which file cannot be loaded, and fails", async () => {
    const folder = await folderOf({ "comment.jsonata": "{" });
    const { out, err, code } = await runCommand(["map", "test", folder]);
    expect(err).toMatch(/comment\.jsonata:1/);
    expect(out).not.toContain("All tests pass.");
    expect(code).toBe(1);
  });

  it("lists labels that lack a language, and writes a report when asked to", async () => {
    const folder = await folderOf({
      "labels.yaml": "fallback: en\nlabels:\n  photo: {en: Photo, ur: تصویر}\n  hello: {en: Hello}\n",
    });
    const report = join(folder, "..", "report.xml");
    const { out, code } = await runCommand(["map", "test", folder, "--junit", report]);
    expect(out).toContain(`\n${join(folder, "labels.yaml")}: not in all languages\n  hello: ur\n`);
    expect(code).toBe(0);
    expect(await readFile(report, "utf8")).toContain('<testsuites tests="3" failures="0"');
    expect((await runCommand(["map", "test", await folderOf()])).out).not.toContain("not in all languages");
  });
});

describe("map diff", () => {
  const event = (text: string, kind = "ticket") =>
    JSON.stringify({
      kind,
      input: { channel: "city", person: { name: "Xyz" }, message: { type: "text", text } },
    });

  async function diffOf(events: string[], changed: Record<string, string>, ...options: string[]) {
    const [old, now] = [await folderOf(), await folderOf(changed)];
    const file = join(now, "..", "events.jsonl");
    await writeFile(file, `${events.join("\n")}\n`);
    return runCommand(["map", "diff", old, now, "--events", file, ...options]);
  }
  const louder = { "ticket.jsonata": `{"subject": message.text & "!"}` };

  it("counts by kind and field what would change, and fails only when asked to", async () => {
    const events = [event("fire"), event("pump"), event("pump"), "", event("a", "comment")];
    const { out, err, code } = await diffOf(events, louder);
    expect(out).toBe(
      "ticket: 3 of 3 change\n" +
        "  3 of 3 tickets change subject: pump → pump! (2), Fire! → fire! (1)\n" +
        "comment: 0 of 1 change\n",
    );
    expect([err, code]).toEqual(["", 0]);
    expect((await diffOf(events, louder, "--exit-code")).code).toBe(1);
    expect((await diffOf(events, {}, "--exit-code")).code).toBe(0);
  });

  it("says how many ways there are where they are too many to list, and shows events on request", async () => {
    const many = ["a", "b", "c", "d", "e", "f"].map((text) => event(text));
    expect((await diffOf(many.slice(1), louder)).out).toContain("b → b! (1), c → c! (1)");
    const { out } = await diffOf(many, louder, "--verbose");
    expect(out).toContain("  6 of 6 tickets change subject: 6 different ways\n");
    expect(out).toContain(`    a → a!  {"channel":"city"`);
    const json = await diffOf(many, louder, "--json");
    expect(JSON.parse(json.out)).toMatchObject([{ kind: "ticket", events: 6, changed: 6 }]);
  });

  it.each([
    ["no JSON", "oops", /events\.jsonl:1: .+\. Give a file that map record export has written\./],
    ["something else", '{"kind": 1}', /events\.jsonl:1: the line is no recorded event/],
    ["an event without an input", '{"kind": "ticket", "input": "x"}', /:1: the line is no recorded event/],
    [
      "a file without an event",
      "",
      /There are no recorded events\. Set recording\.enabled, or give --events\./,
    ],
  ])("refuses %s", async (_what, line, complaint) => {
    const { err, code } = await diffOf([line], {});
    expect(err).toMatch(complaint);
    expect(code).toBe(2);
  });

  it("tells a mapping that cannot be loaded", async () => {
    const { err, code } = await diffOf([event("a")], { "ticket.jsonata": "{" });
    expect(err).toMatch(/ticket\.jsonata:1/);
    expect(code).toBe(1);
  });
});

describe("map record", () => {
  it("shows what is recorded, prints it a line each and forgets it", async () => {
    const { deskferry, redis, channel } = await setUpCommands({
      recording: { enabled: true, maxEvents: 5, maxAgeDays: 2 },
    });
    expect(await deskferry("map", "record")).toEqual({
      code: 0,
      out: `Recording is on: at most 5 inputs per channel, for 2 days.\n${channel}  0 inputs\n`,
      err: "",
    });
    const recordings = createRecordings(redis);
    const limits = { maxEvents: 5, maxAgeMs: 600_000 };
    const key = await recordings.key(channel, limits);
    for (const id of ["1", "2"]) {
      const sentAt = "2026-11-20T08:15:00.000Z";
      const input = { channel, person: {}, message: { id, type: "text" as const, text: "a", sentAt } };
      await recordings.add(
        channel,
        { key, id, event: { kind: "ticket", input }, now: Date.now() + Number(id) },
        limits,
      );
    }
    expect((await deskferry("map", "record", "show")).out).toMatch(
      new RegExp(`\n${channel} {2}2 inputs, the oldest of \\d{4}-\\d\\d-\\d\\dT`),
    );
    const exported = (await deskferry("map", "record", "export")).out.trim().split("\n");
    expect(exported.map((line) => JSON.parse(line).input.message.id)).toEqual(["1", "2"]);
    expect(await deskferry("map", "record", "clear")).toMatchObject({ out: "cleared\n", code: 0 });
    expect((await deskferry("map", "record", "export")).out).toBe("");
  });

  it("says when nothing is recorded", async () => {
    const { deskferry } = await setUpCommands();
    expect((await deskferry("map", "record")).out).toMatch(/^Recording is off \(recording\.enabled\)\.\n/);
  });
});

describe("what writes files", () => {
  async function inFolder(): Promise<string> {
    const folder = await scratch();
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    onTestFinished(() => void vi.restoreAllMocks());
    return folder;
  }

  it.each(["", "Mine", "-mine", "a/b", "..", "a".repeat(41)])("map new refuses the name %j", async (name) => {
    const { code, err } = await runCommand(["map", "new", "--for", "sandbox", "--", name]);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining(`"${name}" is no name: use 1 to 40 of a-z, 0-9 and -.`),
    ]);
  });

  it("map new refuses a connector that has no starter mapping, and wants one", async () => {
    const unknown = await runCommand(["map", "new", "mine", "--for", "nobody"]);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toMatch(/there is no starter mapping for "nobody"\. Known are: .*sandbox.*\.\n$/);
    expect((await runCommand(["map", "new", "mine"])).code).not.toBe(0);
  });

  it.each(["", "Desk", "1desk", "my--desk", "desk-", "my_desk", "a".repeat(41)])(
    "create connector refuses the name %j",
    async (name) => {
      const { code, err } = await runCommand(["create", "connector", "--", name]);
      expect([code, err]).toEqual([
        2,
        expect.stringContaining(
          `"${name}" is no name: use a-z and 0-9 in words joined by -, beginning with a letter, at most 40.`,
        ),
      ]);
    },
  );

  it("create connector makes a package in a folder of its own, named or given, and says how to go on", async () => {
    const cwd = await inFolder();
    const named = await runCommand(["create", "connector", "parks-desk"]);
    const folder = "deskferry-connector-parks-desk";
    expect(named).toMatchObject({ code: 0, err: "" });
    expect(named.out).toContain(`wrote  ${folder}/package.json\n`);
    expect(named.out).toContain(`Make ${folder}/test/parks-desk-server.ts behave as the real helpdesk`);
    expect(named.out).toContain(`then ${folder}/src/ until the tests pass again`);
    expect(named.out).toContain(`cd ${folder} && npm install\n  npm test`);
    const given = await runCommand(["create", "connector", "parks-desk", "--out", "mine"]);
    expect(given.out).toContain("wrote  mine/src/index.ts\n");
    expect((await readdir(cwd)).sort()).toEqual([folder, "mine"]);
    const again = await runCommand(["create", "connector", "parks-desk", "--out", "mine"]);
    expect([again.code, again.err]).toEqual([
      2,
      expect.stringMatching(/mine is there already\. Choose another name/),
    ]);
  });

  it("create connector becomes part of a checkout that it is run in", async () => {
    const cwd = await inFolder();
    await mkdir(join(cwd, "connectors"));
    await cp(
      resolve(import.meta.dirname, "../../connectors/registry.ts"),
      join(cwd, "connectors/registry.ts"),
    );
    const { out, code } = await runCommand(["create", "connector", "parks-desk"]);
    expect(code).toBe(0);
    expect(out).toContain("wrote  connectors/parks-desk/index.ts\n");
    expect(out).toContain("Make test/connectors/parks-desk-server.ts behave as the real helpdesk");
    expect(out).toContain("npx vitest run test/connectors/parks-desk.test.ts\n  npm run docs");
    expect(await readFile(join(cwd, "connectors/registry.ts"), "utf8")).toContain("./parks-desk/index.ts");
  });
});

describe("map play", () => {
  it("wants a folder with a mapping, and a port that there is", async () => {
    const folder = await scratch();
    const empty = await runCommand(["map", "play", folder]);
    expect([empty.code, empty.err]).toEqual([
      2,
      expect.stringContaining(`${folder} has no contact.jsonata. Give the folder of a mapping`),
    ]);
    for (const port of ["-1", "65536", "http", "1.5"]) {
      const { code, err } = await runCommand(["map", "play", `--port=${port}`]);
      expect(code).not.toBe(0);
      expect(err).toContain("Use a whole number from 0 to 65535.");
    }
  });
});

describe("keys new", () => {
  it("prints a line for encryption.keys, or a name key, each another one", async () => {
    const printed = async (...options: string[]) => (await runCommand(["keys", "new", ...options])).out;
    const [one, two, name] = [await printed(), await printed(), await printed("--name")];
    expect(one).toMatch(/^[a-z0-9-]{1,20}:[A-Za-z0-9+/_-]{43}=?\n$/);
    expect(two).not.toBe(one);
    expect(name).toMatch(/^[^:\s]{32,}\n$/);
  });
});
