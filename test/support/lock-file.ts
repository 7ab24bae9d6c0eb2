import { readFileSync } from "node:fs";

/** A package of package-lock.json, as npm 7 and newer write it (docs.npmjs.com/cli/v11/configuring-npm/package-lock-json). */
export interface LockedPackage {
  version?: string;
  /** Left out by npm when `omit-lockfile-registry-resolved` is set: then the registry of the settings is meant. */
  resolved?: string;
  integrity?: string;
  license?: string;
  /** Differs from the folder's name only for an alias (`npm:other@1`). */
  name?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** By the folder they are installed into, e.g. `node_modules/axios`. */
export type LockedPackages = Record<string, LockedPackage>;

/** All packages of package-lock.json but our own. */
export function readLockedPackages(): LockedPackages {
  const text = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");
  const { packages } = JSON.parse(text) as { packages: LockedPackages };
  return Object.fromEntries(Object.entries(packages).filter(([path]) => path !== ""));
}

/** `node_modules/logform/node_modules/@colors/colors` is `@colors/colors`. */
export function packageName(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

const PLATFORM_FAMILIES = ["@biomejs/cli-", "@msgpackr-extract/msgpackr-extract-", "@oxc-parser/binding-"];
const REGISTRY = "https://registry.npmjs.org/";
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;
const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
/** git, http, files, aliases and GitHub's short form: everything that is no range of versions in the registry. */
const ADDRESS = /:|\//;

/** What is wrong with where packages come from and how they are held to their content; empty when nothing is. */
export function lockProblems(packages: LockedPackages): string[] {
  return Object.entries(packages).flatMap(([path, one]) =>
    [...sourceProblems(one), ...checksumProblems(path, one)].map((problem) => `${path}: ${problem}`),
  );
}

function sourceProblems(one: LockedPackage): string[] {
  const problems: string[] = [];
  if (one.resolved !== undefined && !one.resolved.startsWith(REGISTRY)) problems.push(`from ${one.resolved}`);
  if (one.link) problems.push("a link to a folder");
  if (one.name !== undefined) problems.push(`an alias of ${one.name}`);
  if (!EXACT.test(one.version ?? "")) problems.push(`version ${one.version}`);
  for (const [name, range] of Object.entries({ ...one.dependencies, ...one.optionalDependencies }))
    if (ADDRESS.test(range)) problems.push(`wants ${name} from ${range}`);
  return problems;
}

function checksumProblems(path: string, one: LockedPackage): string[] {
  if (one.integrity !== undefined) return SHA512.test(one.integrity) ? [] : [`checksum ${one.integrity}`];
  const isPlatforms = PLATFORM_FAMILIES.some((family) => packageName(path).startsWith(family));
  return isPlatforms && one.optional && one.os && one.cpu ? [] : ["no checksum"];
}
