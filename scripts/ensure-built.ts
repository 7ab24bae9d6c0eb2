import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds dist/ when it is missing or older than a source. Throws with the compiler's words when that fails. */
export function ensureBuilt(): void {
  const main = path.join(root, "dist/src/main.js");
  const sources = ["src", "connectors"].flatMap((folder) => filesBelow(path.join(root, folder)));
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(main) && statSync(main).mtimeMs >= newest) return;
  const build = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: root, encoding: "utf8" });
  if (build.status !== 0) throw new Error(`the build failed:\n${build.stdout}${build.stderr}`);
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
