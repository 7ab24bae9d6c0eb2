import { type RequestHandler, Router } from "express";
import { type Admit, demandScope, isAdmitted } from "./admission.ts";

export interface HealthOptions {
  /** Reasons why no events can be taken in now; empty when ready. */
  notReady(): Promise<string[]>;
  /** What needs somebody's attention although events are taken in; empty when nothing does. */
  warnings?(): Promise<string[]>;
  /** Metrics in Prometheus' text form. */
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Looks tokens up. Absent: everybody may see everything, since only this machine can ask. */
  admit?: Admit | undefined;
  /** Figures are for everybody all the same. */
  hasPublicMetrics?: boolean;
}

/**
 * `/health/live`: the process runs. `/health/ready`: it can take events in. `/metrics`: figures for Prometheus. Which of
 * them needs which token stands in test/http/token-matrix.test.ts.
 */
export function health(options: HealthOptions): Router {
  const { admit, hasPublicMetrics, metrics } = options;
  const router = Router();
  const guard = admit && !hasPublicMetrics ? [demandScope("metrics:read", admit)] : [];
  router.get("/health/live", (_request, response) => void response.json({ live: true }));
  router.get("/health/ready", ready(options));
  router.get("/metrics", ...guard, async (_request, response) => {
    const { contentType, text } = await metrics();
    response.type(contentType).send(text);
  });
  return router;
}

/** Load balancers ask without a token: whether, and why not, is for all; warnings name connections and folders. */
function ready({ notReady, warnings, admit }: HealthOptions): RequestHandler {
  return async (request, response) => {
    const reasons = await notReady();
    const isTold =
      !admit || (await isAdmitted(request, "health:read", admit).catch(() => "unavailable")) === "admitted";
    const told = isTold ? ((await warnings?.()) ?? []) : [];
    const answer = { ready: reasons.length === 0, reasons, ...(told.length > 0 ? { warnings: told } : {}) };
    response.status(answer.ready ? 200 : 503).json(answer);
  };
}
