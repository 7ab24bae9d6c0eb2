import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";

/** Mapping files, their tests, and the tables and labels beside them; not what editors leave lying about. */
const ENDINGS = new Set([".jsonata", ".json", ".csv", ".yaml", ".yml"]);

/**
 * A text that differs when a file of the folder may have changed: name, size, inode and both times of each. Links are
 * followed, so that the swap of a Kubernetes ConfigMap shows. Reads no contents. A folder that is not there has one too.
 */
export async function folderSignature(folder: string): Promise<string> {
  const names = await namesIn(folder);
  if (!names) return "no folder";
  const below = await Promise.all(
    ["tables", "calendars"].map(async (name) =>
      ((await namesIn(join(folder, name))) ?? []).map((file) => join(name, file)),
    ),
  );
  const files = [...names, ...below.flat()].filter((name) => ENDINGS.has(extname(name))).sort();
  const lines = await Promise.all(files.map(async (name) => `${name} ${await look(join(folder, name))}`));
  return lines.join("\n");
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  return names?.filter((name) => !name.startsWith("."));
}

async function look(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  if (!found) return "gone";
  // The time of the last change of the inode cannot be set back, as the time of the contents can.
  return [found.size, found.ino, found.mtimeNs, found.ctimeNs].join(" ");
}
