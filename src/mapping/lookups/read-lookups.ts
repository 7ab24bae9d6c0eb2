import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { MappingError } from "../errors.ts";
import { type LookupFile, lookupProblem } from "./lookup-file.ts";
import type { Calendar, Labels, Table } from "./lookups.ts";
import { readCalendar } from "./read-calendar.ts";
import { readLabels } from "./read-labels.ts";
import { readTable } from "./read-table.ts";

const MAX_FILES = 50;
/** Together, as every child keeps a copy. */
const MAX_BYTES = 512 * 1024;

/** Lookups of a folder, ready for children. */
export interface PackedLookups {
  /** Hash of `text`; part of the version of every mapping file beside it. */
  version: string;
  /** JSON of Lookups. */
  text: string;
}

/**
 * Reads tables/*.csv, tables/*.yaml, calendars/*.yaml and labels.yaml of a mapping folder; undefined when it has none.
 * Throws the MappingError of the first file that is wrong.
 */
export async function readLookups(
  folder: string,
  show: (path: string) => string,
): Promise<PackedLookups | undefined> {
  const tables = await filesOf(join(folder, "tables"), [".csv", ".yaml"], show);
  const calendars = await filesOf(join(folder, "calendars"), [".yaml"], show);
  const labels = await readOptional(join(folder, "labels.yaml"), show);
  const files = [...tables, ...calendars, ...(labels ? [labels] : [])];
  const [first] = files;
  if (!first) return undefined;
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (files.length > MAX_FILES || bytes > MAX_BYTES) {
    const reason = `tables, calendars and labels together are more than ${MAX_FILES} files or ${MAX_BYTES} bytes. Keep less here`;
    throw new MappingError({ kind: "compile", file: show(folder), reason });
  }
  const text = JSON.stringify({
    tables: byName<Table>(tables, readTable),
    calendars: byName<Calendar>(calendars, readCalendar),
    ...(labels ? { labels: readLabels(labels) } : {}),
  });
  return { version: createHash("sha256").update(text).digest("hex").slice(0, 12), text };
}

/** labels.yaml of a folder, for reports; undefined when there is none. */
export async function readLabelsOf(folder: string): Promise<Labels | undefined> {
  const file = await readOptional(join(folder, "labels.yaml"), (path) => path);
  return file && readLabels(file);
}

function byName<T>(files: LookupFile[], read: (file: LookupFile) => T): Record<string, T> {
  const found = new Map<string, T>();
  for (const file of files) {
    const name = basename(file.name, extname(file.name));
    if (found.has(name)) throw lookupProblem(file, "another file has this name. Rename one of them");
    found.set(name, read(file));
  }
  return Object.fromEntries(found);
}

async function filesOf(
  folder: string,
  endings: string[],
  show: (path: string) => string,
): Promise<LookupFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw unreadable(show(folder), error);
  });
  const files: LookupFile[] = [];
  for (const name of names.sort()) {
    if (name.startsWith(".")) continue;
    const file = await readOptional(join(folder, name), show);
    if (!file) continue;
    if (!endings.includes(extname(name)) || !/^[\w-]+\.\w+$/.test(name)) {
      const reason = `the name must be letters, digits, _ or - and end in ${endings.join(" or ")}. Rename it`;
      throw lookupProblem(file, reason);
    }
    files.push(file);
  }
  return files;
}

async function readOptional(path: string, show: (path: string) => string): Promise<LookupFile | undefined> {
  const name = show(path);
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw lookupProblem({ name, text: "" }, `the file is larger than ${MAX_BYTES} bytes. Shorten it`);
    }
    return { name, text: await readFile(path, "utf8") };
  } catch (error) {
    if (error instanceof MappingError) throw error;
    const failure = error as NodeJS.ErrnoException;
    if (failure.code === "ENOENT") return undefined;
    throw unreadable(name, failure);
  }
}

function unreadable(name: string, error: NodeJS.ErrnoException): MappingError {
  return lookupProblem(
    { name, text: "" },
    `the file cannot be read (${error.code ?? error.name}). Give access to it`,
  );
}
