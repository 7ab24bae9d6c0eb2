import { createHash, randomUUID } from "node:crypto";
import { lstatSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { MappingKind } from "../domain/records.ts";
import type { MappingText, Saved } from "./protocol.ts";
import { Refused } from "./refusal.ts";

/**
 * The mapping files of one folder. File names are made of the kind, never of what a page sent. Synchronous, so that
 * nothing of ours comes between looking at a file and writing it.
 */
export function readText(folder: string, kind: MappingKind): MappingText {
  const source = readIfThere(fileOf(folder, kind));
  return source === undefined ? { source: "", stamp: null } : { source, stamp: stampOf(source) };
}

/** Writes unless the file on disk is another one than the page knows. */
export function saveText(
  folder: string,
  kind: MappingKind,
  { source, stamp }: { source: string; stamp: string | null },
): Saved {
  const onDisk = readText(folder, kind);
  if (onDisk.stamp !== stamp && onDisk.source !== source) return { conflict: onDisk };
  writeInside(folder, fileOf(folder, kind), source);
  return { stamp: stampOf(source) };
}

/** Replaces the file as a whole. */
function writeInside(folder: string, file: string, text: string): void {
  const target = refuseOutside(folder, file);
  const fresh = `${target}.${randomUUID()}.tmp`;
  const mode = statSync(target, { throwIfNoEntry: false })?.mode;
  writeFileSync(fresh, text, { flag: "wx", ...(mode === undefined ? {} : { mode }) });
  renameSync(fresh, target);
}

/** Undefined when there is no such file. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Refused(500, `${file} cannot be read: ${(error as Error).message}`);
  }
}

function fileOf(folder: string, kind: MappingKind): string {
  return join(folder, `${kind}.jsonata`);
}

function stampOf(source: string): string {
  return createHash("sha256").update(source).digest("hex");
}

/** Where the file really is. Refuses one that is a link to somewhere outside the folder. */
export function refuseOutside(folder: string, file: string): string {
  if (!lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) return file;
  const target = realpathSync(file);
  if (target.startsWith(`${realpathSync(folder)}${sep}`)) return target;
  throw new Refused(
    409,
    `${file} is a link to a file outside its folder. The playground does not change it.`,
  );
}
