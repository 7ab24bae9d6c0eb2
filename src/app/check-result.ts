import { asFailure } from "../domain/failure.ts";

/** What a look at one thing of the settings found. */
export interface CheckResult {
  /** `channels.city`, `redis`, `mapping mappings/sandbox` … */
  what: string;
  /** What was found; one line each. */
  lines: string[];
  /** Why it will not work; empty when all is well. */
  problems: string[];
}

/** The same from inside a look; no problems when all is well. */
export type Look = Pick<CheckResult, "lines"> & Partial<Pick<CheckResult, "problems">>;

/** Runs the look; what it throws is a problem. */
export async function attempt(what: string, run: () => Promise<Look>): Promise<CheckResult> {
  try {
    return { what, problems: [], ...(await run()) };
  } catch (error) {
    const failure = asFailure(error);
    const reason = failure?.operatorMessage ?? (error instanceof Error ? error.message : "unknown error");
    return { what, lines: [], problems: [reason] };
  }
}
