import { MappingError, MappingLoadError } from "./errors.ts";
import { folderSignature } from "./folder-signature.ts";
import type { Mapper } from "./mapper.ts";
import { type ReadPayload, runMappingTests } from "./test-runner.ts";

/** What became of a changed folder; `reason` names files and lines, and ends with the remedy. */
export type ReloadOutcome = { folder: string } & ({ is: "in use" } | { is: "refused"; reason: string });

export interface Reloader {
  /** All folders, at the start: throws MappingLoadError. */
  load(): Promise<void>;
  /** Looks at each folder once; to be called again and again. What has changed since two looks ago is tried and put to use. */
  look(): Promise<void>;
  /** Folders whose change was refused, while what was there before works on. */
  refused(): { folder: string; reason: string }[];
}

export interface ReloaderOptions {
  mapper: Pick<Mapper, "load" | "replace">;
  folders: readonly string[];
  /** For test cases that name a payload. */
  readPayload?: ReadPayload;
  /** Told of each change that was decided on. */
  told(outcome: ReloadOutcome): void;
}

interface Watched {
  /** Signature of the contents that are in use or were refused. */
  decided: string;
  /** Of the last look. */
  seen: string;
  refused?: string;
}

/**
 * Puts changed mapping folders to use while events are under way. A folder counts as a whole: it is tried when two looks
 * in a row saw the same, so that nothing half-written is, and dropped again when it changes during its tests.
 */
export function createReloader({ mapper, folders, told, readPayload }: ReloaderOptions): Reloader {
  const watched = new Map<string, Watched>();

  async function lookAt(folder: string): Promise<void> {
    const state = watched.get(folder);
    const now = await folderSignature(folder);
    if (!state || now === state.decided || now !== state.seen) {
      watched.set(folder, { ...state, decided: state?.decided ?? now, seen: now });
      return;
    }
    const reason = await tryOut(folder, now);
    if (reason === CHANGED) return;
    watched.set(folder, { decided: now, seen: now, ...(reason === undefined ? {} : { refused: reason }) });
    told(reason === undefined ? { folder, is: "in use" } : { folder, is: "refused", reason });
  }

  /** Why it cannot be used; undefined when it is in use now. Other errors are ours, and the next look tries again. */
  async function tryOut(folder: string, signature: string): Promise<string | undefined> {
    try {
      await mapper.replace(folder, async (trial) => {
        const problem = await testProblem(folder, trial, readPayload);
        if ((await folderSignature(folder)) !== signature) throw new Refused(CHANGED);
        if (problem) throw new Refused(problem);
      });
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return error.message;
      if (!(error instanceof MappingLoadError || error instanceof MappingError)) throw error;
      return (await folderSignature(folder)) === signature ? error.message : CHANGED;
    }
  }

  return {
    async load() {
      for (const folder of folders) {
        // Before it is read: what changes meanwhile differs from this at the first look.
        const signature = await folderSignature(folder);
        await mapper.load(folder);
        watched.set(folder, { decided: signature, seen: signature });
      }
    },
    async look() {
      const looks = await Promise.allSettled(folders.map(lookAt));
      for (const look of looks) if (look.status === "rejected") throw look.reason;
    },
    refused: () =>
      [...watched].flatMap(([folder, { refused }]) =>
        refused === undefined ? [] : [{ folder, reason: refused }],
      ),
  };
}

const CHANGED = "it changed while it was tried";

class Refused extends Error {}

/** Names the tests that fail and nothing of their data, which may have been a person's. */
async function testProblem(
  folder: string,
  trial: Mapper,
  readPayload: ReadPayload | undefined,
): Promise<string | undefined> {
  const results = await runMappingTests(folder, trial, readPayload ? { readPayload } : {});
  const failed = results.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return undefined;
  const shown = failed.slice(0, 5).map(({ file, name }) => `${file}: "${name}"`);
  const more = failed.length > shown.length ? ` and ${failed.length - shown.length} more` : "";
  return `${failed.length} of ${results.length} tests fail: ${shown.join(", ")}${more}. Run deskferry map test ${folder}`;
}
