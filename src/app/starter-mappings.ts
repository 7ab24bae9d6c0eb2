import { join } from "node:path";
import { copyFolder, packaged, ScaffoldError } from "./scaffold-files.ts";
import { ownPlugins } from "./settings.ts";

/** Connectors that come with a starter mapping. */
export const starterNames = Object.keys(ownPlugins.connectors);

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
  return copyFolder(await packaged(join("mappings", connector)), folder);
}
