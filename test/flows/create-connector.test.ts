import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt } from "../../scripts/ensure-built.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = join(root, "dist/src/main.js");
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "create-connector-")));
const modules = realpathSync(join(root, "node_modules"));

beforeAll(() => ensureBuilt(), 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));

/** A run that ends with `status`; what it said. */
function run(cwd: string, command: string[], status = 0): string {
  const [program = "", ...args] = command;
  // Commands of the folder's own packages, as npm gives them to its scripts; a vitest in a vitest is one of its own.
  const path = `${join(cwd, "node_modules/.bin")}:${process.env["PATH"]}`;
  const { VITEST: _, VITEST_POOL_ID: __, VITEST_WORKER_ID: ___, NODE_OPTIONS: ____, ...env } = process.env;
  const done = spawnSync(program, args, { cwd, encoding: "utf8", env: { ...env, PATH: path } });
  expect(done.status, `${command.join(" ")}\n${done.stdout}${done.stderr}`).toBe(status);
  return stripVTControlCharacters(done.stdout + done.stderr);
}

const create = (cwd: string, args: string[], status?: number) =>
  run(cwd, [process.execPath, built, "create", "connector", ...args], status);

/** What `npm install` would lay there, by links into this checkout. */
function install(folder: string): void {
  const target = join(folder, "node_modules");
  mkdirSync(join(target, ".bin"), { recursive: true });
  symlinkSync(root, join(target, "deskferry"));
  for (const name of ["zod", "vitest", "typescript", "@types"])
    symlinkSync(join(modules, name), join(target, name));
  for (const name of ["tsc", "vitest"]) symlinkSync(join(modules, ".bin", name), join(target, ".bin", name));
  symlinkSync(built, join(target, ".bin/deskferry"));
}

describe("create connector --out", () => {
  const folder = join(scratch, "outside");

  test("writes a package whose own tests pass with the installed Deskferry", () => {
    create(scratch, ["parks-desk", "--out", "outside"]);
    install(folder);
    const said = run(folder, ["npm", "test"]);
    expect(said).toMatch(/Tests +\d{2,} passed/);
    expect(said).not.toMatch(/\d+ failed/);
    expect(existsSync(join(folder, "setup.md"))).toBe(true);
  }, 300_000);

  test("whose connector is loaded by its path and by its name", () => {
    const file = join(scratch, "deskferry.yaml");
    symlinkSync(folder, join(folder, "node_modules", "deskferry-connector-parks-desk"));
    for (const [at, use] of [
      [scratch, "./outside/dist/index.js"],
      [folder, "deskferry-connector-parks-desk"],
    ] as const) {
      writeFileSync(
        file.replace(scratch, at),
        `redis: { url: "redis://127.0.0.1:9" }
connections:
  desk: { use: "${use}", url: "http://127.0.0.1:9", token: x, wrong: 1 }
`,
      );
      // The settings' own check runs only when the plugin is there: it knows that `wrong` is none of its settings.
      const said = run(at, [process.execPath, built, "check"], 2);
      expect(said).toContain("connections.desk.wrong");
      expect(said).not.toContain("connections.desk.use");
    }
  });

  test("never overwrites, and names what is wrong with a name", () => {
    const before = readFileSync(join(folder, "src/index.ts"), "utf8");
    expect(create(scratch, ["parks-desk", "--out", "outside"], 2)).toMatch(
      /is there already. Choose another/,
    );
    expect(readFileSync(join(folder, "src/index.ts"), "utf8")).toBe(before);
    expect(create(scratch, ["Parks_Desk"], 2)).toContain('"Parks_Desk" is no name');
  });
});

describe("create connector in a checkout", () => {
  const checkout = join(scratch, "checkout");

  test("writes a folder, mappings, tests and one line, which pass", () => {
    mkdirSync(join(checkout, "test/connectors"), { recursive: true });
    mkdirSync(join(checkout, "mappings"));
    for (const name of ["package.json", "vitest.config.ts", "tsconfig.json", "biome.json", ".gitignore"])
      cpSync(join(root, name), join(checkout, name));
    cpSync(join(root, "connectors"), join(checkout, "connectors"), { recursive: true });
    cpSync(join(root, "src"), join(checkout, "src"), { recursive: true });
    for (const name of ["test/support", "scripts"]) symlinkSync(join(root, name), join(checkout, name));
    symlinkSync(modules, join(checkout, "node_modules"));
    create(checkout, ["parks"]);
    const registry = readFileSync(join(checkout, "connectors/registry.ts"), "utf8");
    const names = [...registry.matchAll(/^ {2}"?([a-z0-9-]+)"?: \(\)/gm)].map(([, name]) => name);
    expect(names).toContain("parks");
    expect(names).toEqual([...names].sort());
    const said = run(checkout, [
      "npx",
      "vitest",
      "run",
      "--project",
      "rooms",
      "test/connectors/parks.test.ts",
    ]);
    expect(said).toMatch(/Tests +\d{2,} passed/);
    run(checkout, [process.execPath, built, "map", "test", "mappings/parks"]);
    run(checkout, ["npx", "tsc", "-p", "tsconfig.json"]);
    run(checkout, ["npx", "biome", "check", "--vcs-enabled=false", "connectors", "test/connectors"]);
  }, 300_000);

  test("never overwrites", () => {
    const before = readFileSync(join(checkout, "connectors/registry.ts"), "utf8");
    expect(create(checkout, ["parks"], 2)).toContain("is there already");
    expect(readFileSync(join(checkout, "connectors/registry.ts"), "utf8")).toBe(before);
  });
});
