// npm run build: compiles to dist/ and lays beside the code the files that it reads at run time.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePage, licencesOf } from "./playground-page.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
// Made aside and moved into place at the end: programs may be running from dist/, and tests build in parallel.
const fresh = join(root, ".deskferry", `build-${process.pid}`);
const former = join(root, ".deskferry", `former-${process.pid}`);

function compile() {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(dirname(manifest), "bin", "tsc");
  const args = [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", fresh];
  return spawnSync(process.execPath, args, { stdio: "inherit" }).status === 0;
}

const page = join("src", "playground", "page");
/** Sources of the playground's page, which is bundled. */
const isBundled = (path) => path.startsWith(join(root, page)) && /\.(css|json)$/.test(path);

/** Lua scripts, pages, set-up guides, helpdesk files: all that stands in these folders and is not TypeScript. */
function copyAssets(folder) {
  const assets = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isBundled(path));
  for (const asset of assets) cpSync(asset, join(fresh, asset.slice(root.length + 1)));
  return assets.length;
}

async function addPage() {
  const { script, styles, packages } = await bundlePage();
  writeFileSync(join(fresh, page, "main.js"), script);
  writeFileSync(join(fresh, page, "main.css"), styles);
  writeFileSync(join(fresh, page, "licences.txt"), licencesOf(packages));
}

function moveIntoPlace() {
  try {
    if (existsSync(dist)) renameSync(dist, former);
    renameSync(fresh, dist);
  } catch (error) {
    // Another build was quicker between the two lines; its dist/ is of the same sources.
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code) || !existsSync(dist)) throw error;
  }
}

const started = Date.now();
// Files get the same rights whoever builds, so that a package has the same bytes and is readable where root installs it.
process.umask(0o022);
mkdirSync(dirname(fresh), { recursive: true });
try {
  if (compile()) {
    const assets = ["src", "connectors"].map(copyAssets).reduce((sum, count) => sum + count, 0);
    await addPage();
    chmodSync(join(fresh, "src", "main.js"), 0o755);
    moveIntoPlace();
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`build: dist/ and ${assets} files beside it (${seconds} s)`);
  } else {
    process.exitCode = 1;
  }
} finally {
  for (const left of [fresh, former]) rmSync(left, { recursive: true, force: true });
}
