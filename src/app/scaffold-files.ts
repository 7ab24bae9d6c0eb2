import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Nothing was written; the message names the remedy. */
export class ScaffoldError extends Error {}

/** A file or folder of the package: above src/ in a checkout, above dist/src/ where it is installed. */
export async function packaged(path: string): Promise<string> {
  for (let at = fileURLToPath(new URL(".", import.meta.url)); dirname(at) !== at; at = dirname(at)) {
    if (await isThere(join(at, path))) return join(at, path);
  }
  throw new ScaffoldError(`${path} is missing from this installation. Install Deskferry again`);
}

export async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** What somebody wrote is never overwritten. */
export async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await isThere(path))
      throw new ScaffoldError(`${path} is there already. Choose another name, or remove it`);
  }
}

/** Copies a folder into one that must not be there yet; resolves with the names of its files. */
export async function copyFolder(template: string, folder: string): Promise<string[]> {
  await mkdir(dirname(folder), { recursive: true });
  // Made by us or not at all, also when two do it at once.
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    throw new ScaffoldError(`${folder} is there already. Choose another name, or remove it`);
  });
  await cp(template, folder, { recursive: true, errorOnExist: true, force: false });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort();
}

/** Copies text files one by one, names and contents changed; resolves with where they are now. */
export async function copyTexts(
  template: string,
  folder: string,
  change: (text: string) => string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const name of (await readdir(template)).sort()) {
    const path = join(folder, change(name));
    const text = await readFile(join(template, name), "utf8");
    await writeFile(path, change(text), { flag: "wx" });
    written.push(path);
  }
  return written;
}
