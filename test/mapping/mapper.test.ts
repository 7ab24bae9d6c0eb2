import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MappingError, MappingLoadError } from "../../src/mapping/errors.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";

const plainFiles = {
  contact: `{"name": person.name}`,
  ticket: `{"subject": message.text}`,
  comment: `{"body": message.text}`,
};
const input = { person: { name: "Amina", phone: "+254700000001" }, message: { text: "canary-77ab" } };
const root = mkdtempSync(join(tmpdir(), "mapper-"));
let mapper: Mapper;

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, "m-"));
  for (const [kind, source] of Object.entries(files)) writeFileSync(join(folder, `${kind}.jsonata`), source);
  return folder;
}

/** The error of one contact mapping, evaluated on `input`. */
async function failureOf(contact: string): Promise<MappingError> {
  const folder = folderOf({ ...plainFiles, contact });
  await mapper.load(folder);
  const error: unknown = await mapper.map(folder, "contact", input).catch((thrown: unknown) => thrown);
  if (!(error instanceof MappingError)) throw new Error(`expected a MappingError, got ${inspect(error)}`);
  return error;
}

beforeAll(() => {
  mapper = createMapper({ children: 1 });
});

afterAll(async () => {
  await mapper.close();
  rmSync(root, { recursive: true });
});

describe("map", () => {
  test("gives the record with its defaults and the hash of the file that made it", async () => {
    const folder = folderOf(plainFiles);
    await mapper.load(folder);
    const { record, version } = await mapper.map(folder, "comment", input);
    expect(record).toEqual({ body: "canary-77ab", visibility: "public" });
    expect(version).toBe(createHash("sha256").update(plainFiles.comment).digest("hex").slice(0, 12));
  });

  test("a folder without confirmation.jsonata confirms nothing", async () => {
    const folder = folderOf(plainFiles);
    await mapper.load(folder);
    expect((await mapper.map(folder, "confirmation", {})).record).toBeNull();
  });

  test("a folder without route.jsonata, or one whose route says nothing, decides nothing", async () => {
    const folder = folderOf(plainFiles);
    await mapper.load(folder);
    expect((await mapper.map(folder, "route", input)).record).toEqual({});
    writeFileSync(join(folder, "route.jsonata"), `message.type = "order" ? {"queue": "Shop"}`);
    await mapper.load(folder);
    expect((await mapper.map(folder, "route", input)).record).toEqual({});
    const order = await mapper.map(folder, "route", { message: { type: "order" } });
    expect(order.record).toEqual({ queue: "Shop" });
  });

  test("a route makes no subject, and no time without a zone", async () => {
    const routed = async (route: string) => {
      const folder = folderOf({ ...plainFiles, route });
      await mapper.load(folder);
      return mapper.map(folder, "route", input);
    };
    await expect(routed(`{"subject": "x"}`)).rejects.toThrow(/route\.jsonata.*there is no field "subject"/);
    await expect(routed(`{"due": {"solution": "2026-11-23T09:00:00"}}`)).rejects.toThrow(
      /due\.solution: not a time with zone/,
    );
  });

  test("a confirmation that produces nothing sends nothing", async () => {
    const folder = folderOf({ ...plainFiles, confirmation: `event.to = "solved" ? {"text": "Done"}` });
    await mapper.load(folder);
    expect((await mapper.map(folder, "confirmation", { event: { to: "open" } })).record).toBeNull();
    expect((await mapper.map(folder, "confirmation", { event: { to: "solved" } })).record).toEqual({
      text: "Done",
    });
  });

  test("a folder that was not loaded is a mistake of the caller, not of the mapping", async () => {
    const error: unknown = await mapper.map(join(root, "nowhere"), "contact", input).catch((e: unknown) => e);
    expect(error).not.toBeInstanceOf(MappingError);
    expect(String(error)).toMatch(/was not loaded/);
  });
});

describe("an error of a mapping", () => {
  test("names file, line, place in the record and remedy", async () => {
    const error = await failureOf(`{\n  "name": person.name,\n  "nickname": "x"\n}`);
    expect(error).toMatchObject({ kind: "record", retryable: false });
    expect(error.message).toMatch(/contact\.jsonata.*there is no field "nickname".*spelling/);
  });

  test("names line and column where the evaluation failed", async () => {
    const error = await failureOf(`{\n  "name": person.name,\n  "phone": 1 + person.name\n}`);
    expect(error).toMatchObject({ kind: "evaluate", line: 3 });
    expect(error.message).toMatch(/contact\.jsonata:3:\d+: The right side of the "\+" operator/);
  });

  test("P35: a list of one that JSONata unwrapped comes with the remedy", async () => {
    const folder = folderOf({ ...plainFiles, ticket: `{"subject": "x",\n"tags": ["a","b"][$ = "a"]}` });
    await mapper.load(folder);
    await expect(mapper.map(folder, "ticket", input)).rejects.toMatchObject({
      path: "tags",
      line: 2,
      message: expect.stringMatching(/expected array, received string\. Put it in \[ \]/),
    });
  });

  test("tells of a number where text belongs", async () => {
    const error = await failureOf(`{"name": 4711}`);
    expect(error.path).toBe("name");
    expect(error.message).toMatch(/\$string\(value\)/);
  });

  test("of a confirmation speaks of the template that was meant", async () => {
    const confirmation = `{"template": {"name": "ticket_solved", "language": "en", "body": ["two\\nlines"]}}`;
    const folder = folderOf({ ...plainFiles, confirmation });
    await mapper.load(folder);
    await expect(mapper.map(folder, "confirmation", {})).rejects.toMatchObject({ path: "template.body[0]" });
  });

  test("P31: never shows what the person wrote, in any form a logger could take", async () => {
    const errors = [
      await failureOf(`{"name": $number(message.text)}`),
      await failureOf(
        `{"name": person.name, "custom": $merge([{message.text: 1}, {person.phone: {"a": 1}}])}`,
      ),
      await failureOf(`$error("refused: " & message.text)`),
      await failureOf(`{"name": message.text > 3 ? "x" : "y"}`),
      await failureOf(`{"name": [message.text, 5]}`),
      await failureOf(`{"name": "x", person.name: 1, person.phone: 2}`),
    ];
    for (const error of errors) {
      const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
      expect(shown).not.toMatch(/254700000001|Amina/);
      if (error.kind !== "record") expect(shown).not.toContain("canary-77ab");
    }
    expect(errors[2]?.detail).toContain("canary-77ab");
  });
});

describe("load", () => {
  test("reports every broken file at once, with line and column", async () => {
    const folder = folderOf({ contact: `{\n "name": (1 +\n}`, ticket: `{"subject": /a(?=b)/}` });
    const error: unknown = await mapper.load(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MappingLoadError);
    const messages = String(error);
    expect(messages).toMatch(/contact\.jsonata:3:\d+: .*S0/);
    expect(messages).toMatch(/ticket\.jsonata:1:\d+: the regular expression .* linear time/);
    expect(messages).toMatch(/comment\.jsonata: the file cannot be read \(ENOENT\)/);
  });

  test("of a broken new text leaves the old one in use, of a good one replaces it", async () => {
    const folder = folderOf(plainFiles);
    await mapper.load(folder);
    const before = await mapper.map(folder, "contact", input);
    writeFileSync(join(folder, "contact.jsonata"), `{"name": `);
    await expect(mapper.load(folder)).rejects.toThrow(/contact\.jsonata/);
    expect(await mapper.map(folder, "contact", input)).toEqual(before);
    writeFileSync(join(folder, "contact.jsonata"), `{"name": "New"}`);
    await mapper.load(folder);
    const after = await mapper.map(folder, "contact", input);
    expect(after.record).toEqual({ name: "New" });
    expect(after.version).not.toBe(before.version);
  });
});

describe("the child process", () => {
  test("fails only what it had in hand when it dies, and answers in order of asking otherwise", async () => {
    const bad = folderOf({ ...plainFiles, contact: `{"name": $pad("x", 2e8)}` });
    const good = folderOf(plainFiles);
    await Promise.all([mapper.load(bad), mapper.load(good)]);
    const results = await Promise.allSettled([
      mapper.map(good, "contact", input),
      mapper.map(bad, "contact", input),
      ...Array.from({ length: 20 }, () => mapper.map(good, "contact", input)),
    ]);
    const failed = results.filter(({ status }) => status === "rejected");
    expect(failed).toHaveLength(1);
    expect(results[1]).toMatchObject({ status: "rejected", reason: { kind: "limit", retryable: false } });
  });

  test("that goes wild is ended and takes along only what it was busy with, not what it was given ahead", async () => {
    const own = createMapper({ children: 1 });
    const wild = folderOf({ ...plainFiles, contact: `{"name": $join([1..9999].$pad("x", 9999))}` });
    const good = folderOf(plainFiles);
    await Promise.all([own.load(wild), own.load(good)]);
    const results = await Promise.allSettled(
      [good, wild, good, good, good].map((folder) => own.map(folder, "contact", input)),
    );
    await own.close();
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      ...Array.from({ length: 3 }, () => "fulfilled"),
    ]);
  });

  test.runIf(existsSync("/proc/self/task"))("P31: is started without our environment", async () => {
    process.env["CANARY_TOKEN"] = "canary-secret-3d2";
    const own = createMapper({ children: 1 });
    await own.load(folderOf(plainFiles));
    const environments = childPids().map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8"));
    await own.close();
    delete process.env["CANARY_TOKEN"];
    expect(environments.length).toBeGreaterThan(0);
    for (const environment of environments) expect(environment).not.toContain("canary-secret-3d2");
  });

  test.runIf(existsSync("/proc/self/task"))("lives on when Ctrl-C ends its parent in order", async () => {
    const before = new Set(childPids());
    const own = createMapper({ children: 1 });
    const folder = folderOf(plainFiles);
    await own.load(folder);
    const [pid] = childPids().filter((child) => !before.has(child));
    process.kill(Number(pid), "SIGINT");
    process.kill(Number(pid), "SIGTERM");
    expect((await own.map(folder, "contact", input)).record).toEqual({ name: "Amina" });
    expect(childPids()).toContain(pid);
    await own.close();
    expect(childPids()).not.toContain(pid);
  });

  test("is gone after close, and what waits is refused as an error of ours", async () => {
    const own = createMapper({ children: 1 });
    const folder = folderOf({
      ...plainFiles,
      contact: `($f := function($n) { $f($n + 1) }; {"name": $f(0)})`,
    });
    await own.load(folder);
    const waiting = [own.map(folder, "contact", input), own.map(folder, "ticket", input)];
    const settled = Promise.allSettled(waiting);
    await own.close();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: "rejected", reason: { message: "the mapper was closed" } });
    }
  });
});

function childPids(): string[] {
  const text = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ");
}
