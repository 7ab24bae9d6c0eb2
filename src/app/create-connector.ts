import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { addToRegistry } from "./connector-registry.ts";
import { copyTexts, isThere, packaged, refuseExisting } from "./scaffold-files.ts";
import { copyStarter } from "./starter-mappings.ts";

export interface ConnectorRequest {
  /** kebab-case. */
  name: string;
  /** Where the command runs. */
  cwd: string;
  /** Folder of a package of its own; without it, and in a checkout of Deskferry, the connector becomes part of that. */
  out?: string;
}

export interface CreatedConnector {
  /** Folder of the package; undefined in a checkout. */
  folder: string | undefined;
  /** Paths of what was written. */
  files: string[];
}

/** Mappings of the connector that is most like the one written here. */
const STARTER = "sandbox";
const REGISTRY = join("connectors", "registry.ts");

/** Writes a connector that works on a server of its own, with its tests and mappings, to change from there. */
export async function createConnector({ name, cwd, out }: ConnectorRequest): Promise<CreatedConnector> {
  if (out === undefined && (await isThere(join(cwd, REGISTRY)))) {
    return { folder: undefined, files: await writeInTree(name, cwd) };
  }
  const folder = resolve(cwd, out ?? packageOf(name));
  return { folder, files: await writePackage(name, folder) };
}

async function writeInTree(name: string, root: string): Promise<string[]> {
  const folder = join(root, "connectors", name);
  const mappings = join(root, "mappings", name);
  const tests = join(root, "test", "connectors");
  await refuseExisting([folder, mappings, join(tests, `${name}.test.ts`), join(tests, `${name}-server.ts`)]);
  const template = await packaged(join("templates", "connector"));
  const change = renamer(name, `../../connectors/${name}/`);
  const files = [
    ...(await copyTexts(join(template, "connector"), folder, change)),
    ...(await copyTexts(join(template, "guide"), folder, change)),
    ...(await copyTexts(join(template, "test"), tests, change)),
    ...(await writeMappings(mappings)),
  ];
  const registry = join(root, REGISTRY);
  await writeFile(registry, addToRegistry(await readFile(registry, "utf8"), name));
  return [...files, registry];
}

async function writePackage(name: string, folder: string): Promise<string[]> {
  await refuseExisting([folder]);
  const template = await packaged(join("templates", "connector"));
  const change = renamer(name, "../src/");
  const files = [
    ...(await copyTexts(join(template, "package"), folder, change)),
    ...(await copyTexts(join(template, "guide"), folder, change)),
    ...(await copyTexts(join(template, "connector"), join(folder, "src"), change)),
    ...(await copyTexts(join(template, "test"), join(folder, "test"), change)),
    ...(await writeMappings(join(folder, "mappings", name))),
  ];
  const manifest = join(folder, "package.json");
  await writeFile(manifest, `${JSON.stringify(await manifestOf(name), null, 2)}\n`, { flag: "wx" });
  return [...files, manifest];
}

async function writeMappings(folder: string): Promise<string[]> {
  return (await copyStarter(STARTER, folder)).map((file) => join(folder, file));
}

/** The template speaks of Acme Desk; `code` is the connector's folder as its tests see it. */
function renamer(name: string, code: string): (text: string) => string {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return (text) =>
    text
      .replaceAll('"../connector/', `"${code}`)
      .replaceAll("Acme Desk", words.join(" "))
      .replaceAll("ACME", name.toUpperCase().replaceAll("-", "_"))
      .replaceAll("Acme", words.join(""))
      .replaceAll("acme", name);
}

function packageOf(name: string): string {
  return `deskferry-connector-${name}`;
}

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** Of the same versions as Deskferry is made with, which are known to fit. */
async function manifestOf(name: string): Promise<Record<string, unknown>> {
  const own = JSON.parse(await readFile(await packaged("package.json"), "utf8")) as Manifest;
  const versions = (names: string[], from: Record<string, string>) =>
    Object.fromEntries(names.map((each) => [each, from[each]]));
  const deskferry = `^${own.version}`;
  return {
    name: packageOf(name),
    version: "0.1.0",
    private: true,
    type: "module",
    exports: "./dist/index.js",
    files: ["dist", "mappings", "setup.md"],
    scripts: {
      build: "tsc -p tsconfig.build.json",
      test: `tsc -p tsconfig.json && vitest run && npm run -s build && deskferry map test mappings/${name}`,
    },
    dependencies: versions(["zod"], own.dependencies),
    peerDependencies: { deskferry },
    devDependencies: {
      ...versions(["@types/node", "typescript", "vitest"], own.devDependencies),
      deskferry,
    },
  };
}
