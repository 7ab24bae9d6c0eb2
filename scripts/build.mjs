// npm run build: compiles to dist/ and lays beside the code the files that it reads at run time.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

function compile() {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(dirname(manifest), "bin", "tsc");
  const done = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], {
    stdio: "inherit",
  });
  if (done.status !== 0) process.exit(1);
}

/** Lua scripts, pages, set-up guides, helpdesk files: all that stands in these folders and is not TypeScript. */
function copyAssets(folder) {
  const assets = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const asset of assets) cpSync(asset, join(dist, asset.slice(root.length + 1)));
  return assets.length;
}

const started = Date.now();
rmSync(dist, { recursive: true, force: true });
compile();
const assets = ["src", "connectors"].filter((folder) => existsSync(join(root, folder))).map(copyAssets);
const main = join(dist, "src", "main.js");
if (existsSync(main)) chmodSync(main, 0o755);
const seconds = ((Date.now() - started) / 1000).toFixed(1);
console.log(
  `build: dist/ and ${assets.reduce((sum, count) => sum + count, 0)} files beside it (${seconds} s)`,
);
