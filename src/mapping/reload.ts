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
  /** It may be the machine's fault that it was refused: how many looks to wait before it is tried again. */
  retry?: { looks: number; left: number };
}

/** Of one try. */
interface Trial {
  /** Why it cannot be used; absent when it is in use now. */
  reason?: string;
  /** The machine kept it waiting, and says nothing about the folder. */
  isStalled?: boolean;
}

/** Trying costs a busy machine more work: after 1, 2, 4 … looks, at most this many. */
const MOST_LOOKS = 64;

/**
 * Puts changed mapping folders to use while events are under way. A folder counts as a whole: it is tried when two looks
 * in a row saw the same, so that nothing half-written is, and dropped again when it changes during its tests.
 */
export function createReloader({ mapper, folders, told, readPayload }: ReloaderOptions): Reloader {
  const watched = new Map<string, Watched>();

  async function lookAt(folder: string): Promise<void> {
    const state = watched.get(folder);
    const now = await folderSignature(folder);
    if (!state || now !== state.seen) {
      watched.set(folder, { ...state, decided: state?.decided ?? now, seen: now });
      return;
    }
    const isRetry = now === state.decided;
    if (isRetry && !isDue(state)) return;
    const trial = await tryOut(folder, now);
    if (trial.reason === CHANGED) return;
    watched.set(folder, decidedOn(now, trial, isRetry ? state.retry : undefined));
    if (!isRetry || trial.reason !== state.refused) told(outcomeOf(folder, trial));
  }

  function isDue({ retry }: Watched): boolean {
    if (!retry) return false;
    retry.left -= 1;
    return retry.left < 0;
  }

  /** Other errors than a folder's own are ours, and the next look tries again. */
  async function tryOut(folder: string, signature: string): Promise<Trial> {
    try {
      await mapper.replace(folder, async (trial) => {
        const problem = await testProblem(folder, trial, readPayload);
        if ((await folderSignature(folder)) !== signature) throw new Refused({ reason: CHANGED });
        if (problem) throw new Refused(problem);
      });
      return {};
    } catch (error) {
      if (error instanceof Refused) return error.trial;
      if (!(error instanceof MappingLoadError || error instanceof MappingError)) throw error;
      if ((await folderSignature(folder)) !== signature) return { reason: CHANGED };
      const problems = error instanceof MappingLoadError ? error.problems : [error];
      return refusal(error.message, problems);
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

function decidedOn(now: string, { reason, isStalled }: Trial, before: Watched["retry"]): Watched {
  const looks = before ? Math.min(2 * before.looks, MOST_LOOKS) : 1;
  return {
    decided: now,
    seen: now,
    ...(reason === undefined ? {} : { refused: reason }),
    ...(isStalled ? { retry: { looks, left: looks } } : {}),
  };
}

function outcomeOf(folder: string, { reason }: Trial): ReloadOutcome {
  return reason === undefined ? { folder, is: "in use" } : { folder, is: "refused", reason };
}

const CHANGED = "it changed while it was tried";

class Refused extends Error {
  readonly trial: Trial;
  constructor(trial: Trial) {
    super(trial.reason);
    this.trial = trial;
  }
}

/** What else is wrong must be mended first; so much that only the machine failed at is tried again. */
function refusal(reason: string, problems: { isStalled?: boolean }[]): Trial {
  if (!problems.every(({ isStalled }) => isStalled)) return { reason };
  return {
    reason: `${reason}. The machine was too busy to tell; it is tried again by itself`,
    isStalled: true,
  };
}

/** Names the tests that fail and nothing of their data, which may have been a person's. */
async function testProblem(
  folder: string,
  trial: Mapper,
  readPayload: ReadPayload | undefined,
): Promise<Trial | undefined> {
  const results = await runMappingTests(folder, trial, readPayload ? { readPayload } : {});
  const failed = results.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return undefined;
  const shown = failed.slice(0, 5).map(({ file, name }) => `${file}: "${name}"`);
  const more = failed.length > shown.length ? ` and ${failed.length - shown.length} more` : "";
  const reason = `${failed.length} of ${results.length} tests fail: ${shown.join(", ")}${more}. Run deskferry map test ${folder}`;
  return refusal(reason, failed);
}
