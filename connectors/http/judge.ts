import { type ErrorKind, type HttpAnswer, PluginError, parseRetryAfter } from "deskferry/sdk";
import { z } from "zod";
import type { Call } from "./operation-settings.ts";

/** Kinds that an expression `failed` may name; others would change what becomes of a message beyond its knowledge. */
const nameable = ["auth", "throttled", "unavailable", "not_found", "conflict", "rejected", "config"] as const;
const failedKind = z.enum(nameable);

/** What the statuses of the settings say of an answer; undefined: read it. */
export function verdictOf(
  { status, headers }: HttpAnswer,
  { statuses }: Pick<Call, "statuses">,
  { what, now }: { what: string; now: number },
): "missing" | "duplicate" | undefined {
  if (statuses.missing.includes(status)) return "missing";
  if (statuses.duplicate.includes(status)) return "duplicate";
  const kind = kindOf(status, statuses);
  if (kind === undefined) return undefined;
  const retryAfterMs = parseRetryAfter(headers["retry-after"], now);
  const operatorMessage = `${what}: the server answered ${status}`;
  throw new PluginError({
    kind,
    code: status,
    operatorMessage,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function kindOf(status: number, { throttled, rejected }: Call["statuses"]): ErrorKind | undefined {
  if (throttled.includes(status)) return "throttled";
  return rejected.includes(status) ? "rejected" : undefined;
}

/** What `failed` gave: nothing and false are a success, a kind is that error, anything else a refusal. */
export function failureOf(given: unknown, what: string): PluginError | undefined {
  if (given === undefined || given === null || given === false || given === "") return undefined;
  const kind = failedKind.safeParse(given).data ?? "rejected";
  // What else the server said is not repeated: it may quote a person.
  const operatorMessage = `${what}: the server answered with a failure (${kind})`;
  return new PluginError({ kind, code: "failed", operatorMessage });
}

/** The request may have had its effect. */
export function unclear(what: string, reason: string): PluginError {
  return new PluginError({
    kind: "ambiguous",
    code: "unexpected_shape",
    operatorMessage: `${what}: ${reason}`,
  });
}
