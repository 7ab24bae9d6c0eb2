import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { ensureBuilt } from "../ensure-built.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = path.join(root, "dist");

/**
 * The built program in a few files instead of two thousand, because what a chaos run pays for is the start of
 * processes: 0.4 instead of 1.2 s of processor time each. Same code, same children for mappings. Returns the path of
 * its main file. Throws when the build fails.
 */
export async function bundleProgram(): Promise<string> {
  ensureBuilt();
  const folder = path.join(root, ".deskferry", `chaos-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: [path.join(dist, "src/main.js"), path.join(dist, "src/mapping/child.js")],
    outbase: dist,
    outdir: folder,
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    // What CommonJS packages ask for inside an ES module.
    banner: { js: 'import{createRequire as r}from"node:module";const require=r(import.meta.url);' },
    plugins: [keepPlaces(folder)],
  });
  copyScripts(folder);
  return path.join(folder, "src/main.js");
}

/** Each module goes on thinking that it lies where it lay in dist/: scripts and child processes are found beside it. */
function keepPlaces(folder: string): Plugin {
  return {
    name: "keep-places",
    setup({ onLoad }) {
      onLoad({ filter: /\/dist\/(src|connectors)\/.*\.js$/ }, ({ path: file }) => {
        const place = pathToFileURL(path.join(folder, path.relative(dist, file))).href;
        const contents = readFileSync(file, "utf8").replaceAll("import.meta.url", JSON.stringify(place));
        return { contents, loader: "js" };
      });
    },
  };
}

function copyScripts(folder: string): void {
  const [from, to] = [path.join(dist, "src/store"), path.join(folder, "src/store")];
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((each) => each.endsWith(".lua"))) {
    copyFileSync(path.join(from, name), path.join(to, name));
  }
}
