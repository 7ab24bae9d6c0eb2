import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingLabels } from "../../src/mapping/lookups/read-labels.ts";
import { readLookups } from "../../src/mapping/lookups/read-lookups.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";
import { sampleLookups } from "./sample-lookups.ts";

const root = mkdtempSync(join(tmpdir(), "lookups-"));
let mapper: Mapper;

beforeAll(() => {
  mapper = createMapper({ children: 1 });
});

afterAll(async () => {
  await mapper.close();
  rmSync(root, { recursive: true });
});

const mappings = {
  "contact.jsonata": `{"name": person.name}`,
  "ticket.jsonata": `{"subject": message.text, "queue": $table("wards", message.ward, "queue")}`,
  "comment.jsonata": `{"body": $label("from", "ar", {"name": person.name})}`,
};

/** A mapping folder with the sample's lookups and these files. */
function folderOf(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(root, "m-"));
  cpSync("test/mapping/sample-lookups", folder, { recursive: true });
  for (const [name, text] of Object.entries({ ...mappings, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const shown = (path: string) => path.replace(/^.*\/m-[^/]*\//, "");

async function problemOf(files: Record<string, string>): Promise<string> {
  return readLookups(folderOf(files), shown).then(
    () => "none",
    (error: Error) => error.message,
  );
}

describe("what stands beside a mapping", () => {
  test("is read as the sample says", async () => {
    const { text = "" } = (await readLookups("test/mapping/sample-lookups", shown)) ?? {};
    expect(JSON.parse(text)).toEqual(sampleLookups);
  });

  test("is none where there is none", async () => {
    expect(await readLookups(mkdtempSync(join(root, "none-")), shown)).toBeUndefined();
    expect(await readLookups(join(root, "nowhere"), shown)).toBeUndefined();
  });

  test.each([
    ["tables/a.csv", "key,x\n1,a\n2\n", "tables/a.csv:3: the CSV cannot be read"],
    ["tables/a.csv", "key,x\n1,a\n\n1,b\n", "tables/a.csv:4: this key was there before"],
    ["tables/a.csv", "key,x\n,a\n", "tables/a.csv:2: the key is empty"],
    ["tables/a.csv", "key\n1\n", "tables/a.csv:1: the first line must name two or more columns"],
    ["tables/a.csv", 'key,x\n1,"a\n', "the CSV cannot be read"],
    [
      "tables/a.csv",
      `key,x\n${Array.from({ length: 5001 }, (_, n) => `${n},a`).join("\n")}`,
      "more than 5000 rows",
    ],
    ["tables/a.csv", `key,x\n1,${"a".repeat(600_000)}`, "tables/a.csv: the file is larger than"],
    ["tables/a.yaml", "a: 1\nb: [1, 2]\n", "tables/a.yaml:2: b: must be a value, or columns with values"],
    ["tables/a.yaml", "a: 1\na: 2\n", "tables/a.yaml:2: the YAML cannot be read (DUPLICATE_KEY)"],
    ["tables/wards.yaml", "a: 1\n", "tables/wards.yaml: another file has this name"],
    ["tables/notes.txt", "x", "must be letters, digits, _ or - and end in .csv or .yaml"],
    [
      "calendars/a.yaml",
      "zone: Mars/Base\nhours: {monday: ['9:00-10:00']}",
      "a.yaml:1: zone: must be a time zone",
    ],
    [
      "calendars/a.yaml",
      "zone: UTC\nhours:\n  monday: ['10:00-9:00']",
      "a.yaml:3: hours.monday.0: write opening",
    ],
    [
      "calendars/a.yaml",
      "zone: UTC\nhours: {monday: ['9:00-11:00', '10:00-12:00']}",
      "hours of monday overlap",
    ],
    ["calendars/a.yaml", "zone: UTC\nhours: {}", "the calendar is never open"],
    ["calendars/a.yaml", "zone: UTC\nhours: {sonday: []}", "calendars/a.yaml:2: hours"],
    [
      "calendars/a.yaml",
      "zone: UTC\nhours: {monday: ['9-10']}\nholidays: [2026-02-30]",
      "a.yaml:2: hours.monday.0",
    ],
    [
      "labels.yaml",
      "fallback: en\nlabels:\n  x: {hi: फ़ोटो}",
      "labels.yaml:3: x has no text in en, the fallback",
    ],
    ["labels.yaml", "fallback: en\nlabels:\n  x: {english: X}", "must be a language"],
  ])("%s that is wrong is named with its line: %#", async (name, text, reason) => {
    expect(await problemOf({ [name]: text })).toContain(reason);
  });

  test.each([
    [
      "tables/a.csv",
      "key,x,x\n1,a,b\n",
      "tables/a.csv:1: the first line must name two or more columns, each once. Add it",
    ],
    [
      "tables/a.csv",
      "key,\n1,a\n",
      "tables/a.csv:1: the first line must name two or more columns, each once",
    ],
    ["tables/a.csv", "", "tables/a.csv:1: the first line must name two or more columns"],
    ["tables/a.csv", "key,x\n1,a\n2\n", "Give each row as many cells as the first"],
    ["tables/a.yaml", "a: *b\n", "an alias (*name) has no anchor or there are too many. Write it out"],
    [
      "tables/a.yaml",
      "a: {b: {c: 1}}\n",
      "tables/a.yaml:1: a: must be a value, or columns with values. Correct it",
    ],
    [
      "tables/a b.csv",
      "key,x\n1,a\n",
      "the name must be letters, digits, _ or - and end in .csv or .yaml. Rename it",
    ],
    [
      "calendars/a.csv",
      "key,x\n1,a\n",
      "the name must be letters, digits, _ or - and end in .yaml. Rename it",
    ],
    [
      "calendars/a.yaml",
      "zone: UTC\nhours: {monday: ['9:00-24:01']}",
      "hours.monday.0: write opening hours as",
    ],
    [
      "calendars/a.yaml",
      "zone: UTC\nhours: {monday: ['09:00-09:00']}",
      "the later time second and not after 24:00",
    ],
    [
      "calendars/a.yaml",
      "zone: UTC\nhours: {monday: ['9:00-10:00']}\nholidays: ['25.12.']",
      "write days as 2026-12-25",
    ],
    [
      "calendars/a.yaml",
      "zone: UTC\nhours: {monday: ['9:00-10:00']}\nholidays: ['2026-02-30']",
      "write days as",
    ],
    ["calendars/a.yaml", "zone: UTC\nhours: {monday: ['9:00-10:00']}\nopen: 1", "calendars/a.yaml"],
    ["labels.yaml", "fallback: en\nlabels:\n  x: {en: ''}", "labels.yaml:3: labels.x.en"],
    ["labels.yaml", "labels: {}", "labels.yaml: fallback"],
  ])("%s of %j is refused with what to do", async (name, text, reason) => {
    expect(await problemOf({ [name]: text })).toContain(reason);
  });

  test("is read in any order of hours, with a mark of its encoding and without what is hidden", async () => {
    const files = {
      "calendars/late.yaml": "zone: UTC\nhours: {monday: ['14:00 – 24:00', '9:00-12:30', '12:30-13:00']}\n",
      "tables/marked.csv": "\ufeffkey,x\n\n 1 , a \n",
      "tables/typed.yaml": "a: 1\nb: true\nc: {d: x, e: 2}\n",
      "tables/.hidden": "nothing that is read",
    };
    const { text = "", version } = (await readLookups(folderOf(files), shown)) ?? {};
    const { calendars, tables } = JSON.parse(text);
    expect(calendars.late).toEqual({
      zone: "UTC",
      hours: {
        monday: [
          { from: 540, to: 750 },
          { from: 750, to: 780 },
          { from: 840, to: 1440 },
        ],
      },
      holidays: [],
    });
    expect(tables.marked).toEqual({ "1": { x: "a" } });
    expect(tables.typed).toEqual({ a: 1, b: true, c: { d: "x", e: 2 } });
    expect(version).toMatch(/^[0-9a-f]{12}$/);
  });

  test("together is bounded", async () => {
    const row = `key,x\n1,${"a".repeat(200_000)}`;
    const files = { "tables/a.csv": row, "tables/b.csv": row, "tables/c.csv": row };
    expect(await problemOf(files)).toContain("together are more than");
  });
});

describe("a mapping with lookups", () => {
  const input = { person: { name: "Ann" }, message: { text: "x", ward: "12" } };

  test("uses them in its child, and its version covers them", async () => {
    const folder = folderOf();
    await mapper.load(folder);
    const before = await mapper.map(folder, "ticket", input);
    expect(before.record).toEqual({ subject: "x", queue: "Water works south" });
    expect((await mapper.map(folder, "comment", input)).record.body).toBe("من \u2068Ann\u2069");

    writeFileSync(join(folder, "tables/wards.csv"), "ward,queue\n12,Elsewhere\n");
    expect((await mapper.map(folder, "ticket", input)).record).toEqual(before.record);
    await mapper.load(folder);
    const after = await mapper.map(folder, "ticket", input);
    expect(after.record.queue).toBe("Elsewhere");
    expect(after.version).not.toBe(before.version);
  });

  test("keeps each folder's own, whatever the order of loading", async () => {
    const [a, b] = [folderOf(), folderOf({ "tables/wards.csv": "ward,queue\n12,Other\n" })];
    await Promise.all([mapper.load(a), mapper.load(b), mapper.load(folderOf())]);
    expect((await mapper.map(a, "ticket", input)).record.queue).toBe("Water works south");
    expect((await mapper.map(b, "ticket", input)).record.queue).toBe("Other");
    const saved = await mapper.mapSource(join(b, "ticket.jsonata"), mappings["ticket.jsonata"], input);
    expect(saved.record).toMatchObject({ queue: "Other" });
  });

  test("is refused at load when a name is written out that is not there", async () => {
    const ticket = `{\n"subject": $label("greeting", "en"),\n"queue": $table("streets", "1")}`;
    await expect(mapper.load(folderOf({ "ticket.jsonata": ticket }))).rejects.toThrow(
      /ticket\.jsonata:[23]:\d+: there is no (label|table) of this name/,
    );
  });

  test("is refused at load when a table is broken, while the old one works on", async () => {
    const folder = folderOf();
    await mapper.load(folder);
    const before = await mapper.map(folder, "ticket", input);
    writeFileSync(join(folder, "tables/wards.csv"), "ward,queue\n12\n");
    await expect(mapper.load(folder)).rejects.toThrow(/wards\.csv:2: the CSV cannot be read/);
    expect(await mapper.map(folder, "ticket", input)).toEqual(before);
  });

  test("a key that every object has is a key like any other", async () => {
    const ticket = `{"subject": message.text, "queue": $table("wards", "constructor", "queue")}`;
    const folder = folderOf({ "ticket.jsonata": ticket });
    await mapper.load(folder);
    expect((await mapper.map(folder, "ticket", input)).record).toEqual({ subject: "x" });
  });
});

test("labels that only some languages have are listed", () => {
  const texts = { photo: { en: "Photo", hi: "फ़ोटो" }, video: { en: "Video", "pt-br": "Vídeo" } };
  expect(missingLabels({ fallback: "en", texts })).toEqual(["photo: pt-br", "video: hi"]);
});
