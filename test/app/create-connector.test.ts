import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { addToRegistry } from "../../src/app/connector-registry.ts";
import { createConnector } from "../../src/app/create-connector.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "deskferry-create-test-"));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
});

const registry = (...names: string[]) =>
  ["const a = {", ...names.map((name) => `  ${name}: () => import("./x.ts"),`), "};", "end"].join("\n");

/** What is written there, with all texts. */
async function textsIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => [relative(cwd, path), await readFile(path, "utf8")] as const),
    ),
  );
}

describe("a new connector", () => {
  it("outside of a checkout is a package of its own, in which nothing is called Acme", async () => {
    const { folder, files } = await createConnector({ name: "parks-desk", cwd });
    expect(folder).toBe(join(cwd, "deskferry-connector-parks-desk"));
    const texts = await textsIn(cwd);
    expect(files.map((path) => relative(cwd, path)).sort()).toEqual([...texts.keys()].sort());
    const at = (path: string) => texts.get(`deskferry-connector-parks-desk/${path}`) ?? "";
    for (const [path, text] of texts) expect(`${path} ${text}`).not.toMatch(/acme/i);
    expect(at("src/index.ts")).toContain('name: "parks-desk"');
    expect(at("src/index.ts")).toContain("Parks Desk");
    expect(at("test/parks-desk.test.ts")).toContain('"../src/');
    expect(at("mappings/parks-desk/contact.jsonata")).not.toBe("");
    expect(at("setup.md")).not.toBe("");
    const own = JSON.parse(await readFile("package.json", "utf8"));
    expect(JSON.parse(at("package.json"))).toEqual({
      name: "deskferry-connector-parks-desk",
      version: "0.1.0",
      private: true,
      type: "module",
      exports: "./dist/index.js",
      files: ["dist", "mappings", "setup.md"],
      scripts: {
        build: "tsc -p tsconfig.build.json",
        test: "tsc -p tsconfig.json && vitest run && npm run -s build && deskferry map test mappings/parks-desk",
      },
      dependencies: { zod: own.dependencies.zod },
      peerDependencies: { deskferry: `^${own.version}` },
      devDependencies: {
        "@types/node": own.devDependencies["@types/node"],
        typescript: own.devDependencies.typescript,
        vitest: own.devDependencies.vitest,
        deskferry: `^${own.version}`,
      },
    });
  });

  it("in a checkout is a part of that, and stands in its registry; elsewhere only when told so", async () => {
    await mkdir(join(cwd, "connectors"));
    await mkdir(join(cwd, "mappings"));
    const file = join(cwd, "connectors/registry.ts");
    await writeFile(file, registry("odoo", "zammad"));
    const { folder, files } = await createConnector({ name: "parks", cwd });
    expect(folder).toBeUndefined();
    const written = files.map((path) => relative(cwd, path));
    expect(written).toContain("connectors/parks/index.ts");
    expect(written).toContain("connectors/parks/setup.md");
    expect(written).toContain("test/connectors/parks.test.ts");
    expect(written).toContain("mappings/parks/contact.jsonata");
    expect(await readFile(file, "utf8")).toContain('import("./parks/index.ts"),\n  zammad');
    const test = await readFile(join(cwd, "test/connectors/parks.test.ts"), "utf8");
    expect(test).toContain('"../../connectors/parks/');
    const outside = await createConnector({ name: "parks", cwd, out: "own" });
    expect(outside.folder).toBe(join(cwd, "own"));
  });

  it("overwrites nothing, and leaves nothing half done", async () => {
    await mkdir(join(cwd, "connectors"));
    const file = join(cwd, "connectors/registry.ts");
    await writeFile(file, registry("odoo"));
    const mine = join(cwd, "mappings/parks");
    await mkdir(mine, { recursive: true });
    await expect(createConnector({ name: "parks", cwd })).rejects.toThrow(
      `${mine} is there already. Choose another name, or remove it`,
    );
    expect(await readdir(join(cwd, "connectors"))).toEqual(["registry.ts"]);
    await expect(createConnector({ name: "parks", cwd, out: "mappings" })).rejects.toThrow(
      "is there already",
    );
    expect(await readdir(mine)).toEqual([]);
  });
});

describe("the registry", () => {
  it.each([
    ["first", "chatwoot", 'a = {\n  chatwoot: () => import("./chatwoot/index.ts"),\n  odoo'],
    ["between", "parks", '\n  parks: () => import("./parks/index.ts"),\n  zammad'],
    ["last", "zz", '\n  zz: () => import("./zz/index.ts"),\n};\nend'],
    [
      "in quotes where it must be",
      "parks-desk",
      '\n  "parks-desk": () => import("./parks-desk/index.ts"),\n  zammad',
    ],
  ])("takes a line %s", (_, name, part) => {
    expect(addToRegistry(registry("odoo", "zammad"), name)).toContain(part);
  });

  it("without a line cannot take one", () => {
    expect(() => addToRegistry(registry(), "parks")).toThrow(
      "connectors/registry.ts has no line to add to. Add one by hand",
    );
  });
});
