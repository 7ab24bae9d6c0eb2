import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type MappingKind, mappingKinds, optionalKinds } from "../domain/records.ts";
import { checkRecord, type MappingRecords } from "./check-record.ts";
import type { CoverageCollector } from "./coverage.ts";
import { MappingError, MappingLoadError } from "./errors.ts";
import { type PackedLookups, readLookups } from "./lookups/read-lookups.ts";
import { placeAt } from "./place.ts";
import { createPool } from "./pool.ts";
import type { Failure } from "./protocol.ts";
import { placeOfPath } from "./record-place.ts";
import { versionDetail } from "./used-versions.ts";
import type { Work } from "./worker.ts";

export interface Mapper {
  /**
   * Compiles the files of a folder. Throws MappingLoadError with all that is wrong; what was loaded before from this
   * folder then stays in use.
   */
  load(folder: string): Promise<void>;
  /**
   * Loads the folder as it is now into a mapper of its own, with a child process of its own, and hands that to `accept`,
   * which may map with it and load the folder again. When `accept` resolves, what it has loaded last is in use, all files
   * at once; when it rejects, nothing has changed. Rejects as load and `accept` do.
   */
  replace(folder: string, accept: (trial: Mapper) => Promise<void>): Promise<void>;
  /**
   * Validated record; `version` tells which text of the file made it. Without confirmation.jsonata every confirmation
   * is null, without route.jsonata every route is empty. Throws MappingError (not retryable) naming file, line and
   * place in the record; any other error is ours and worth another try. The folder must have been loaded.
   */
  map<K extends MappingKind>(
    folder: string,
    kind: K,
    input: unknown,
  ): Promise<{ record: MappingRecords[K]; version: string }>;
  /** Of the files of a folder that are in use, as a trace shows them: `contact@3f2a… ticket@91bc…`. Empty when none are. */
  versions(folder: string): string;
  /** One file by itself, for its author; its name tells the kind. Throws MappingError. */
  mapFile(file: string, input: unknown): Promise<{ record: MappingRecords[MappingKind]; version: string }>;
  /**
   * As mapFile, with a text that need not be saved yet; the file need not exist. For the author's editor, which so shows
   * what production would do. Throws MappingError.
   */
  mapSource(
    file: string,
    source: string,
    input: unknown,
  ): Promise<{ record: MappingRecords[MappingKind]; version: string }>;
  close(): Promise<void>;
}

export interface MapperOptions {
  /** Child processes. Default 2: one mapping gone wild does not hold up the others. */
  children?: number;
  /** Milliseconds for one evaluation in a warm child. Default 250. */
  timeoutMs?: number;
  /** Memory of JavaScript objects per child. Default 64. */
  memoryMb?: number;
  /** Hears which branches each evaluation took. For tests; without it nothing is counted. */
  coverage?: CoverageCollector;
}

interface MappingFile {
  /** As shown in errors: relative to the working directory where that is shorter. */
  name: string;
  source: string;
  /** Hash of the source and of what stands beside it. */
  version: string;
  lookups?: PackedLookups;
}

type MappingFolder = Partial<Record<MappingKind, MappingFile>>;

const MAX_SOURCE_BYTES = 256 * 1024;

/** Evaluates mapping files in child processes; see pool.ts for why. Children start with the first load. */
export function createMapper(options: MapperOptions = {}): Mapper {
  return createMapperOn(new Map(), options);
}

function createMapperOn(folders: Map<string, MappingFolder>, options: MapperOptions): Mapper {
  const { children = 2, timeoutMs = 250, memoryMb = 64, coverage } = options;
  const cover = coverage ? { cover: true as const } : {};
  const pool = createPool({ children, timeoutMs, memoryMb });

  async function compile(file: MappingFile): Promise<void> {
    const verdict = await pool.run({ ...workOf(file), ...cover });
    if (!verdict.ok) throw toError(verdict.failure, file);
  }

  async function evaluate<K extends MappingKind>(kind: K, file: MappingFile | undefined, input: unknown) {
    // Only optional files may be absent: nothing is routed or confirmed then.
    if (!file) return { record: checkRecord(kind, undefined, NO_FILE), version: NO_FILE.version };
    const { version, source } = file;
    const verdict = await pool.run({ ...workOf(file), input: JSON.stringify(input) ?? "null", ...cover });
    if (verdict.coverage) coverage?.note({ kind, name: file.name, source }, verdict.coverage, input);
    if (!verdict.ok) throw toError(verdict.failure, file, kind);
    const value: unknown = verdict.result === undefined ? undefined : JSON.parse(verdict.result);
    return { record: checkRecord(kind, value, { ...file, position: verdict.position }), version };
  }

  return {
    load: async (folder) => {
      const key = resolve(folder);
      const lookups = await readLookups(key, shown).catch((error: unknown) => {
        throw error instanceof MappingError ? new MappingLoadError([error]) : error;
      });
      const results = await Promise.allSettled(
        mappingKinds.map(async (kind) => {
          const file = await readMapping(key, kind, lookups);
          if (file) await compile(file);
          return { [kind]: file };
        }),
      );
      const problems: MappingError[] = [];
      const loaded: MappingFolder = {};
      for (const result of results) {
        if (result.status === "fulfilled") Object.assign(loaded, result.value);
        else if (result.reason instanceof MappingError) problems.push(result.reason);
        else throw result.reason;
      }
      if (problems.length > 0) throw new MappingLoadError(problems);
      folders.set(key, loaded);
    },
    replace: async (folder, accept) => {
      const tried = new Map<string, MappingFolder>();
      const trial = createMapperOn(tried, { ...options, children: 1 });
      try {
        await trial.load(folder);
        await accept(trial);
        const key = resolve(folder);
        folders.set(key, tried.get(key) ?? {});
      } finally {
        await trial.close();
      }
    },
    map: (folder, kind, input) => {
      const files = folders.get(resolve(folder));
      if (!files) return Promise.reject(new Error(`mapping folder ${folder} was not loaded`));
      return evaluate(kind, files[kind], input);
    },
    versions: (folder) => versionsOf(folders.get(resolve(folder)) ?? {}),
    mapFile: async (path, input) => {
      const kind = kindOf(path);
      const folder = dirname(resolve(path));
      const file = await readMapping(folder, kind, await readLookups(folder, shown));
      if (!file) throw new MappingError({ kind: "compile", file: path, reason: "there is no such file" });
      return evaluate(kind, file, input);
    },
    mapSource: async (path, source, input) => {
      const whole = resolve(path);
      const lookups = await readLookups(dirname(whole), shown);
      return evaluate(kindOf(path), toFile(shown(whole), source, lookups), input);
    },
    close: () => pool.close(),
  };
}

const NO_FILE: MappingFile = { name: "no file", source: "", version: "none" };

function versionsOf(files: MappingFolder): string {
  const used = mappingKinds.flatMap((kind) =>
    Object.values(versionDetail(kind, files[kind]?.version ?? NO_FILE.version)),
  );
  return used.join(" ");
}

function kindOf(path: string): MappingKind {
  const kind = mappingKinds.find((name) => basename(path) === `${name}.jsonata`);
  if (kind) return kind;
  const reason = `the file's name tells what it makes. Call it ${mappingKinds.join(", ")} and .jsonata`;
  throw new MappingError({ kind: "compile", file: path, reason });
}

async function readMapping(
  folder: string,
  kind: MappingKind,
  lookups: PackedLookups | undefined,
): Promise<MappingFile | undefined> {
  const path = join(folder, `${kind}.jsonata`);
  const name = shown(path);
  const source = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && optionalKinds.includes(kind)) return undefined;
    const reason = `the file cannot be read (${error.code ?? error.name}). Every mapping folder needs it`;
    throw new MappingError({ kind: "compile", file: name, reason });
  });
  return source === undefined ? undefined : toFile(name, source, lookups);
}

function toFile(name: string, source: string, lookups: PackedLookups | undefined): MappingFile {
  if (Buffer.byteLength(source) > MAX_SOURCE_BYTES) {
    const reason = `the file is larger than ${MAX_SOURCE_BYTES} bytes. Shorten it`;
    throw new MappingError({ kind: "compile", file: name, reason });
  }
  const hashed = lookups ? `${lookups.version}\n${source}` : source;
  const version = createHash("sha256").update(hashed).digest("hex").slice(0, 12);
  return { name, source, version, ...(lookups ? { lookups } : {}) };
}

function workOf({ version, source, lookups }: MappingFile): Work {
  return { version, source, ...(lookups ? { lookups } : {}) };
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== "" && !short.startsWith("..") ? short : path;
}

/** `made`: what was evaluated when it failed; without it the file was not put to use. */
function toError(
  { kind, reason, detail, position, path, retry }: Failure,
  file: MappingFile,
  made?: MappingKind,
): MappingError {
  const place = position === undefined ? {} : placeAt(file.source, position);
  const where = path ? placeOfPath(path, { source: file.source, position }) : place;
  const mapping = made && versionDetail(made, file.version).mapping;
  return new MappingError({ kind, file: file.name, reason, detail, ...where, mapping, isStalled: retry });
}
