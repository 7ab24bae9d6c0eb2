import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createProgram } from "../src/cli/program.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { rooms } from "./support/architecture-rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...["docs", "connectors", "mappings"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  ),
];
const generated = /^docs\/reference\//;

/** Paths of this repository that a page mentions in backticks. */
function mentioned(text: string): string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  return spans.filter((span) => /^(src|test|scripts|connectors|docs|mappings|\.ci)\/[\w./-]+$/.test(span));
}

/** Targets of links within the repository, from the page's folder. */
function linked(page: string): string[] {
  const targets = [...read(page).matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)].map(([, a, b]) => a ?? b ?? "");
  return targets
    .filter((target) => !/^(https?:|mailto:|#)/.test(target))
    .map((target) => join(dirname(page), target.replace(/#.*$/, "")));
}

describe("the documentation", () => {
  test("was seen", () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(mentioned(read("docs/architecture.md")).length).toBeGreaterThan(30);
  });

  test.each(pages)("%s names and links only what exists", (page) => {
    const gone = [...mentioned(read(page)), ...linked(page)].filter((path) => !existsSync(join(root, path)));
    expect(gone).toEqual([]);
  });

  test.each(pages.filter((page) => !generated.test(page) && page !== "CHANGELOG.md"))(
    "%s is short",
    (page) => {
      const limit = page.startsWith("docs/decisions/") ? 40 : 150;
      expect(read(page).split("\n").length - 1).toBeLessThanOrEqual(limit);
    },
  );

  test("explains every room with the imports that the test enforces", () => {
    const rows = new Map<string, string>();
    for (const [, names = "", imports = ""] of read("docs/architecture.md").matchAll(
      /^\| (`.+) \|.*\| (.+) \|$/gm,
    ))
      for (const [, name = ""] of names.matchAll(/`([a-z]+)\/?`/g)) rows.set(name, imports);
    for (const [room, { imports }] of Object.entries(rooms)) {
      // Its one line says all there is; and there is no console yet.
      if (room === "main" || room === "console") continue;
      const words = (rows.get(room) ?? "missing")
        .replace(/`deskferry\/sdk` only/, "sdk")
        .replace("types of ", "");
      const written = words === "nothing" ? [] : words.split(", ");
      expect(written.sort(), room).toEqual([...imports].sort());
    }
  });

  test("gives each decision a number of its own", () => {
    // Gaps may be filled by work that is still under way.
    const numbers = readdirSync(join(root, "docs/decisions")).map((name) => Number(name.slice(0, 4)));
    expect(numbers.filter((number) => !(number > 0))).toEqual([]);
    expect([...new Set(numbers)]).toEqual(numbers);
  });
});

describe("the page for support staff", () => {
  test("quotes the notes as the code writes them", () => {
    const code = ["src/domain", "src/inbound", "src/outbound", "src/app"]
      .flatMap((room) =>
        readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".ts"))
          .map((name) => read(`${room}/${name}`)),
      )
      .join("\n");
    const table = read("docs/support-staff.md").split("| note |")[1] ?? "";
    const notes = [...table.matchAll(/^\| ([A-Z][^|]+?) \|/gm)].map(([, note = ""]) => note);
    expect(notes.length).toBeGreaterThan(4);
    // What stands before or after is filled in: whose message, which reason.
    const parts = notes.flatMap((note) =>
      note
        .replace(/^The (reply above|confirmation of this change|file)|\(code …\)|\.$/g, "")
        .split(/: |…/)
        .map((part) => part.replace(/\.$/, "").trim())
        .filter((part) => part !== ""),
    );
    expect(parts.filter((part) => !code.includes(part))).toEqual([]);
  });
});

describe("the operating guide", () => {
  const guide = read("docs/operate.md");

  test("names metrics and commands that exist", async () => {
    const metrics = [...guide.matchAll(/`(deskferry_[a-z_]+)/g)].map(([, name = ""]) => name);
    expect(metrics.length).toBeGreaterThan(4);
    const text = await createMetrics().registry.metrics();
    expect(metrics.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);

    const commands = [...guide.matchAll(/`deskferry ([a-z]+)(?: ([a-z]+))?/g)];
    expect(commands.length).toBeGreaterThan(4);
    const { commands: known } = createProgram();
    for (const [said, name, below] of commands) {
      const command = known.find((one) => one.name() === name);
      expect(command, said).toBeDefined();
      if (below)
        expect(
          command?.commands.map((one) => one.name()),
          said,
        ).toContain(below);
    }
  });

  test("names settings that exist", () => {
    const reference = read("docs/reference/settings.md");
    for (const name of [
      "giveUpAfterHours",
      "crashLimit",
      "lockSeconds",
      "stallSeconds",
      "pollSeconds",
      "reopenWithinDays",
    ])
      expect([guide.includes(name), reference.includes(`\`${name}\``)], name).toEqual([true, true]);
  });
});

describe("the README", () => {
  test("begins with the two commands", () => {
    const [first = ""] = read("README.md").split("```").slice(1);
    expect(first).toMatch(/npm run demo[\s\S]*npm test/);
    expect(read("README.md").split("\n").slice(0, 12).join("\n")).toContain("npm test");
  });
});

describe("the changelog", () => {
  test("has lines that begin with the room or part they are about", () => {
    const lines = [...read("CHANGELOG.md").matchAll(/^- (.*)$/gm)].map(([, line = ""]) => line);
    expect(lines.length).toBeGreaterThan(0);
    const parts = [...Object.keys(rooms), "app", "scripts", "image", "docs", "mappings"];
    const odd = lines.filter((line) => {
      const [names = ""] = line.split(":");
      return !names.split(", ").every((name) => parts.includes(name));
    });
    expect(odd).toEqual([]);
  });
});
