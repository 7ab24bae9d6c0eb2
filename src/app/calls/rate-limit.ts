import type { RateLimitHeaders } from "../../sdk/connector.ts";
import type { CallLimit } from "../../store/call-pace.ts";

/** What an answer tells of the limit. */
export interface Learned {
  limit?: CallLimit;
  /** Nothing is left: no calls for so long. */
  pauseMs?: number;
}

/** A helpdesk that tells no time is asked again after this part of its window. */
const PART_OF_WINDOW = 10;

/** Others may use the account too: what is left in the end is what the helpdesk says, not what we have counted. */
export function readRateLimit(
  declared: RateLimitHeaders,
  headers: Readonly<Record<string, string | undefined>>,
  now: number,
): Learned {
  const windowMs = (declared.windowSeconds ?? 60) * 1000;
  const calls = count(declared.limit && headers[declared.limit]);
  const left =
    count(declared.remaining && headers[declared.remaining]) ??
    unused(declared.usage && headers[declared.usage]);
  const resetMs = untilReset(declared.reset ? headers[declared.reset] : undefined, now);
  return {
    ...(calls ? { limit: { calls, windowMs } } : {}),
    ...(left !== undefined && left <= 1 ? { pauseMs: resetMs ?? windowMs / PART_OF_WINDOW } : {}),
  };
}

/** `100` and also `100, 100;w=60`, as drafts of the RateLimit headers have it. */
function count(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,9})\b/.exec(text ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Of `api-usage=18/5000; per-app-api-usage=17/250(appName=x)`, as Salesforce has it, the smallest rest: 233. */
function unused(text: string | undefined): number | undefined {
  const pairs = [...(text ?? "").matchAll(/=(\d{1,9})\/(\d{1,9})\b/g)];
  const rests = pairs.map(([, used, allowed]) => Number(allowed) - Number(used));
  return rests.length === 0 ? undefined : Math.min(...rests);
}

/** Vendors write it in four ways; they lie far enough apart to be told from each other. */
function untilReset(text: string | undefined, now: number): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const number = Number(text);
  if (Number.isNaN(number)) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : Math.max(0, at - now);
  }
  if (number < 0) return undefined;
  if (number < 1e7) return number * 1000;
  return Math.max(0, (number < 1e11 ? number * 1000 : number) - now);
}
