import { cp, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownPlugins } from "./settings.ts";

/** Connectors that come with a starter mapping. */
export const starterNames = Object.keys(ownPlugins.connectors);

/** The mapping cannot be made; the message names the remedy. */
export class ScaffoldError extends Error {}

/**
 * Copies the starter mapping of a connector, with its tests and tables, into a folder that must not be there yet.
 * Resolves with the names of its files.
 */
export async function copyStarter(connector: string, folder: string): Promise<string[]> {
  if (!starterNames.includes(connector)) {
    throw new ScaffoldError(
      `there is no starter mapping for "${connector}". Known are: ${starterNames.join(", ")}`,
    );
  }
  const template = await templateFolder(connector);
  await mkdir(dirname(folder), { recursive: true });
  // Made by us or not at all: what somebody wrote is never overwritten.
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    throw new ScaffoldError(`${folder} is there already. Choose another name, or remove it`);
  });
  await cp(template, folder, { recursive: true, errorOnExist: true, force: false });
  const files = await readdir(folder, { recursive: true });
  return files.sort();
}

/** In mappings/ of the package: above src/ in a checkout, above dist/src/ where it is installed. */
async function templateFolder(connector: string): Promise<string> {
  for (let at = fileURLToPath(new URL(".", import.meta.url)); dirname(at) !== at; at = dirname(at)) {
    const folder = join(at, "mappings", connector);
    const isThere = await stat(join(folder, "contact.jsonata")).catch(() => undefined);
    if (isThere) return folder;
  }
  throw new ScaffoldError("the starter mappings are missing from this installation. Install Deskferry again");
}
