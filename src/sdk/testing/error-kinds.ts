import assert from "node:assert/strict";
import { type ErrorKind, PluginError } from "../errors.ts";

/** Resolves with the error. Fails when there is none, when it is no PluginError, or of another kind. */
export async function assertKind(
  call: () => Promise<unknown>,
  kinds: readonly ErrorKind[],
): Promise<PluginError> {
  const error = await errorOf(call);
  assert.ok(error, `nothing was thrown, expected ${kinds.join(" or ")}`);
  assert.ok(error instanceof PluginError, `threw ${String(error)}, which is no PluginError`);
  assert.ok(kinds.includes(error.kind), `kind is ${error.kind}, expected ${kinds.join(" or ")}`);
  return error;
}

/** What the call throws; undefined when it succeeds. */
export async function errorOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}
