import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { packageName, readLockedPackages } from "../support/lock-file.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Component {
  "bom-ref": string;
  type: string;
  name: string;
  version: string;
  scope: string;
  purl: string;
  hashes?: { alg: string; content: string }[];
  licenses: { license: { id?: string; name?: string } }[];
  externalReferences: { type: string; url: string }[];
}

/** CycloneDX 1.5 as far as npm writes it (cyclonedx.org/docs/1.5/json). */
interface Bill {
  $schema: string;
  bomFormat: string;
  specVersion: string;
  serialNumber: string;
  version: number;
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

function print(folder: string): string {
  const args = ["--conditions=source", "--import", "tsx", "scripts/sbom.ts"];
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  expect(run.stderr).toBe("");
  return run.stdout;
}

const text = print(root);
const bill = JSON.parse(text) as Bill;

describe("the bill of materials", () => {
  test("is CycloneDX 1.5 of Deskferry, with all that its schema requires", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(bill).toMatchObject({
      $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
      bomFormat: "CycloneDX",
      specVersion: "1.5",
      version: 1,
      metadata: { component: { type: "application", name: "deskferry", version } },
    });
    // The schema's own pattern.
    expect(bill.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    );
    for (const { type, name, scope } of bill.components) {
      expect(type, name).toBe("library");
      expect(["required", "optional"], name).toContain(scope);
    }
  });

  test("names what docs/dependencies.md does: all of production and the bundled, nothing of development", () => {
    const [, section = ""] = readFileSync(join(root, "docs/dependencies.md"), "utf8").split(
      "## What is shipped",
    );
    const lists = [...section.matchAll(/^\*\*[\w.-]+:\*\* ([\s\S]*?)\n\n/gm)]
      .map(([, names = ""]) => names)
      .join();
    const written = new Set([...lists.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(written.size).toBeGreaterThan(100);
    expect(new Set(bill.components.map(({ name }) => name))).toEqual(written);
    const refs = Object.entries(readLockedPackages())
      .filter(([, { dev }]) => !dev)
      .map(([path, { version }]) => `${packageName(path)}@${version}`);
    const told = new Set(bill.components.map((one) => one["bom-ref"]));
    expect(refs.filter((ref) => !told.has(ref))).toEqual([]);
  });

  test("has version, address, licence and the lock file's checksum of each", () => {
    const sums = new Map(
      Object.entries(readLockedPackages()).map(([path, one]) => [
        `${packageName(path)}@${one.version}`,
        one.integrity,
      ]),
    );
    for (const one of bill.components) {
      const ref = one["bom-ref"];
      expect(one.purl, ref).toBe(`pkg:npm/${one.name.replace("@", "%40")}@${one.version}`);
      expect(one.licenses[0]?.license.id, ref).toMatch(/^[\w.-]+$/);
      const content = Buffer.from(sums.get(ref)?.slice("sha512-".length) ?? "", "base64").toString("hex");
      expect(one.hashes, ref).toEqual(content === "" ? undefined : [{ alg: "SHA-512", content }]);
    }
  });

  test("links only what it has, each once, and everything hangs together", () => {
    const refs = [bill.metadata.component, ...bill.components].map((one) => one["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    expect(bill.dependencies.map(({ ref }) => ref).sort()).toEqual([...refs].sort());
    const reached = new Set<string>();
    const links = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const visit = (ref: string): void => {
      if (reached.has(ref)) return;
      reached.add(ref);
      (links.get(ref) ?? ["nobody"]).forEach(visit);
    };
    visit(bill.metadata.component["bom-ref"]);
    expect([...reached].sort()).toEqual([...refs].sort());
  });
});

describe("in another folder, a minute or a year later", () => {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-sbom-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("it is the same bytes", { timeout: 60_000 }, () => {
    for (const name of ["package.json", "package-lock.json", "scripts", "src", "tsconfig.json"])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    expect(print(folder)).toBe(text);
  });
});
