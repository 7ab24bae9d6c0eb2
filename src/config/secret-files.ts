import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** The files that the settings' secrets stand in. */
export interface SecretFiles {
  /** Call it before the file is read. Only the first time counts. */
  add(path: string): void;
  paths(): string[];
  /**
   * True once for each time that their contents have become others. Contents are compared, since Kubernetes swaps links
   * and others write in place; and only what was the same at two looks in a row counts, since it may be half written.
   */
  haveChanged(): Promise<boolean>;
}

export function createSecretFiles(): SecretFiles {
  /** Digests by path, of what was taken last. */
  const taken = new Map<string, string>();
  let seen: string | undefined;

  return {
    add(path) {
      if (!taken.has(path)) taken.set(path, digestSync(path));
    },
    paths: () => [...taken.keys()],
    async haveChanged() {
      const found = await Promise.all(
        [...taken.keys()].map(async (path) => [path, await digest(path)] as const),
      );
      const isOther = found.some(([path, now]) => taken.get(path) !== now);
      const all = JSON.stringify(found);
      const isSettled = all === seen;
      seen = all;
      if (!isOther || !isSettled) return false;
      for (const [path, now] of found) taken.set(path, now);
      return true;
    },
  };
}

function digestSync(path: string): string {
  try {
    return hash(readFileSync(path));
  } catch (error) {
    return unreadable(error);
  }
}

async function digest(path: string): Promise<string> {
  try {
    return hash(await readFile(path));
  } catch (error) {
    return unreadable(error);
  }
}

function hash(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function unreadable(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
}
