import { readFileSync } from "node:fs";
import { type LockedPackages, packageName } from "./lock-file.ts";

/** A published weakness: versions from `from` up to, but without, `fixed`. */
export interface Advisory {
  package: string;
  from: string;
  fixed: string;
  /** In GitHub's advisory database: github.com/advisories/<id>. */
  id: string;
  /** Where we read the versions. */
  readIn: string;
}

export function readAdvisories(): Advisory[] {
  return JSON.parse(readFileSync(new URL("advisories.json", import.meta.url), "utf8")) as Advisory[];
}

/** Installed versions that an advisory names, e.g. `node_modules/qs 6.15.3: GHSA-…, fixed in 6.16.0`. */
export function weaknesses(packages: LockedPackages, advisories: readonly Advisory[]): string[] {
  return Object.entries(packages).flatMap(([path, { version = "" }]) =>
    advisories
      .filter((one) => one.package === packageName(path))
      .filter(({ from, fixed }) => !isBelow(version, from) && isBelow(version, fixed))
      .map(({ id, fixed }) => `${path} ${version}: ${id}, fixed in ${fixed}`),
  );
}

/** Of two versions `1.2.3` or `1.2.3-beta.1`; a pre-release is below its release, two of one release are alike. */
function isBelow(version: string, other: string): boolean {
  const [left, right] = [parts(version), parts(other)];
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function parts(version: string): number[] {
  const [release = "", preRelease] = version.split("-");
  return [...release.split(".").map(Number), preRelease === undefined ? 0 : -1];
}
