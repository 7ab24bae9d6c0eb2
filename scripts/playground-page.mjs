// Bundles the playground's page: for dist/ by scripts/build.mjs, in memory when it is started from the sources.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const page = fileURLToPath(new URL("../src/playground/page/", import.meta.url));

/** Script and styles of the page as text, and by name the npm packages whose code is in them. */
export async function bundlePage() {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${page}main.ts`, `${page}main.css`],
    outdir: page,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    logLevel: "silent",
  });
  const textOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  return { script: textOf("main.js"), styles: textOf("main.css"), packages: packagesOf(metafile) };
}

/** `…/node_modules/@lezer/lr/dist/index.js` is of `@lezer/lr`. */
function packagesOf({ inputs }) {
  const names = Object.keys(inputs).map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}

/** The licences of these packages, which ask to go along with every copy of their code. Throws where there is no file. */
export function licencesOf(packages) {
  const textOf = (name) => readFileSync(new URL(`../node_modules/${name}/LICENSE`, import.meta.url), "utf8");
  return packages.map((name) => `${name}\n\n${textOf(name).trim()}\n`).join("\n---\n\n");
}
