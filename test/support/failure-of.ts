import { asFailure, type Failure } from "../../src/domain/failure.ts";

/** What the work failed with, as the queue sees it. Throws when it did not fail, or failed with an error nobody foresaw. */
export async function failureOf(work: Promise<unknown>): Promise<Error & Failure> {
  let error: unknown;
  try {
    await work;
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) throw new Error("the work was expected to fail");
  const failure = asFailure(error);
  if (!failure) throw error;
  return failure;
}
