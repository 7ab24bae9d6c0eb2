import { asFailure, type Failure } from "../../domain/failure.ts";
import type { Clock } from "../../sdk/clock.ts";
import type { Connector } from "../../sdk/connector.ts";
import type { HttpClient } from "../../sdk/http-client.ts";
import type { CallLimit } from "../../store/call-pace.ts";
import type { Store } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { createAccount } from "./account.ts";
import { BreakerOpen, createBreaker } from "./breaker.ts";
import { governed } from "./governed.ts";
import { createPutOff } from "./put-off.ts";
import { type CallScope, inScope } from "./scope.ts";
import { createTurns } from "./turns.ts";

export interface GuardOptions {
  connection: string;
  /** Of the settings. */
  limit: CallLimit | undefined;
  store: Pick<Store, "callPace" | "accountStops">;
  metrics: Pick<Metrics, "calls" | "callsPutOff">;
  logger: Pick<Logger, "error" | "warn" | "info">;
  clock: Clock;
  /** Resolves after milliseconds. */
  wait(ms: number): Promise<void>;
}

/** For a 429 that does not say how long. */
const PAUSE_MS = 10_000;
/** Until one operation has found out whether the helpdesk is back. */
const TRYING_MS = 5000;

/** Methods that call nobody, and the one that judges. */
const UNGUARDED = new Set<string | symbol>(["parseWebhook", "verifyWebhook", "checkConnection"]);

/**
 * Stands between one connection's connector and its callers, and between the connector and the network. An operation is
 * put off, as RetryLater, before it calls anybody: while the account is refused, while the helpdesk does not answer, until
 * its turn. Nothing is put off half-way (docs/decisions/0027).
 */
export function createConnectionGuard(options: GuardOptions) {
  const { connection, store, metrics, logger, clock } = options;
  const putOff = createPutOff(connection, metrics);
  const turns = createTurns(options, putOff);
  const account = createAccount(options, putOff);
  const breaker = createBreaker((isOpen) => {
    if (isOpen) logger.error("the helpdesk does not answer; calls are put off", { connection });
    else logger.info("the helpdesk answers again", { connection });
  });

  /** Resolves when the operation may begin. `isProbe`: it finds out whether the account is accepted again. */
  async function begin(scope: CallScope): Promise<{ isProbe: boolean }> {
    const isProbe = await account.standsStill();
    const outageMs = breaker.waitMs();
    if (outageMs > 0) throw putOff("outage", outageMs);
    await turns.begin(scope);
    if (isProbe) await account.claimProbe();
    return { isProbe };
  }

  async function operate(part: Connector, call: () => Promise<unknown>, scope: CallScope): Promise<unknown> {
    const { isProbe } = await begin(scope);
    try {
      const result = await breaker.run(call);
      if (isProbe) await account.accepted();
      return result;
    } catch (error) {
      if (error instanceof BreakerOpen) throw putOff("outage", TRYING_MS);
      const failure = asFailure(error);
      if (!failure) throw error;
      // Refused for a reason of its own, by a helpdesk that knows us.
      if (isProbe && !failure.retryable) await account.accepted();
      throw await consequence(failure, part);
    }
  }

  /** What a failure means for the connection, and what its caller is told instead. */
  async function consequence(failure: Error & Failure, part: Connector): Promise<Error> {
    if (failure.kind === "auth") return account.refused(failure, part);
    if (failure.kind !== "throttled") return failure;
    const ms = failure.retryAfterMs ?? PAUSE_MS;
    await store.callPace.pause(connection, ms, clock.now());
    logger.warn("the helpdesk wants fewer calls", { connection, pauseMs: ms });
    return putOff("limit", ms);
  }

  return {
    /** The client that a connector gets. */
    http: (client: HttpClient, declared: () => Connector["capabilities"]["rateLimitHeaders"]) =>
      governed(client, turns.gate, declared),
    /** What takes the place of a connector's method; undefined: the method itself. */
    intercept(method: { key: string | symbol; part: Connector; call: (...args: unknown[]) => unknown }) {
      const { key, part, call } = method;
      if (UNGUARDED.has(key)) return undefined;
      return (...args: unknown[]) =>
        inScope(String(key), (scope) => operate(part, async () => call(...args), scope));
    },
    /** Other secrets are in use: what waited because of the old ones is tried. */
    async mended(): Promise<void> {
      breaker.close();
      await store.accountStops.probeNow(connection, clock.now());
    },
    isOpen: breaker.isOpen,
    shutdown: breaker.shutdown,
  };
}

export type ConnectionGuard = ReturnType<typeof createConnectionGuard>;
