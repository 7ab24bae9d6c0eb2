import { asFailure } from "../../domain/failure.ts";
import type { RateLimitHeaders } from "../../sdk/connector.ts";
import type { HttpClient } from "../../sdk/http-client.ts";
import { type Learned, readRateLimit } from "./rate-limit.ts";

/** Who counts calls. */
export interface CallGate {
  /** Resolves when the call may be made. */
  beforeCall(): Promise<void>;
  /** `ok` or the kind of its failure. */
  called(outcome: string): void;
  learned(learned: Learned): Promise<void>;
  now(): number;
}

/** A limit is the same with every answer: Redis need not be told each time. */
const TELL_AGAIN_MS = 60_000;

/** The same client, which asks before each call and listens to what answers tell of the limit. */
export function governed(
  client: HttpClient,
  gate: CallGate,
  declared: () => RateLimitHeaders | undefined,
): HttpClient {
  let told = { calls: 0, at: 0 };

  async function call<T extends { headers: Record<string, string | undefined> }>(
    make: () => Promise<T>,
  ): Promise<T> {
    await gate.beforeCall();
    const answer = await make().catch((error: unknown) => {
      gate.called(asFailure(error)?.kind ?? "bug");
      throw error;
    });
    gate.called("ok");
    // The call has had its effect: what is learned from it must not make it fail.
    await listen(answer.headers).catch(() => undefined);
    return answer;
  }

  async function listen(headers: Record<string, string | undefined>): Promise<void> {
    const names = declared();
    if (!names) return;
    const { limit, pauseMs } = readRateLimit(names, headers, gate.now());
    const isNews = limit && (limit.calls !== told.calls || gate.now() - told.at > TELL_AGAIN_MS);
    if (isNews) told = { calls: limit.calls, at: gate.now() };
    if (isNews || pauseMs)
      await gate.learned({ ...(isNews ? { limit } : {}), ...(pauseMs ? { pauseMs } : {}) });
  }

  return {
    request: (request) => call(() => client.request(request)),
    download: (request) => call(() => client.download(request)),
  };
}
