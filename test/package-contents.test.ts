import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Paths of the package as npm would make it; dist/ aside, which a build may not have made yet. */
function packed(): string[] {
  const args = ["pack", "--dry-run", "--ignore-scripts", "--offline", "--json"];
  const said = execFileSync("npm", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [made] = [JSON.parse(said)].flat() as [{ files: { path: string }[] }];
  return made.files.map(({ path }) => path).filter((path) => !path.startsWith("dist/"));
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

test("the package holds guides, add-ons, mappings and templates whole, and of the sources only what templates need", () => {
  const beside = filesIn("connectors").filter((path) => !path.endsWith(".ts"));
  expect(beside).toContain("connectors/znuny/webservice.yml");
  const expected = [...beside, ...["mappings", "templates", "schema"].flatMap(filesIn)];
  const always = ["LICENSE", "README.md", "package.json"];
  expect(packed().sort()).toEqual([...expected, ...always].sort());
});
