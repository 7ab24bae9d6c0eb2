import { readFile } from "node:fs/promises";

/** What the browser gets. */
export interface PageFiles {
  html: string;
  icon: string;
  script: string;
  styles: string;
}

interface Bundler {
  bundlePage(): Promise<Pick<PageFiles, "script" | "styles">>;
}

const here = new URL("./page/", import.meta.url);

/**
 * Built, script and styles lie ready beside the code. Run from the sources they are bundled now, by the same program
 * that the build uses; it needs esbuild, which is there for development only.
 */
export async function readPageFiles(): Promise<PageFiles> {
  const fromSource = import.meta.url.endsWith(".ts");
  const [html, icon, bundle] = await Promise.all([
    readText("index.html"),
    readText("favicon.svg"),
    fromSource ? bundleNow() : readBundle(),
  ]);
  return { html, icon, ...bundle };
}

async function readBundle(): ReturnType<Bundler["bundlePage"]> {
  return { script: await readText("main.js"), styles: await readText("main.css") };
}

async function bundleNow(): ReturnType<Bundler["bundlePage"]> {
  const program = new URL("../../scripts/playground-page.mjs", import.meta.url);
  const { bundlePage } = (await import(program.href)) as Bundler;
  return bundlePage();
}

function readText(name: string): Promise<string> {
  return readFile(new URL(name, here), "utf8");
}
