import { type RequestHandler, Router } from "express";

export interface HealthOptions {
  /** Reasons why no events can be taken in now; empty when ready. */
  notReady(): Promise<string[]>;
  /** What needs somebody's attention although events are taken in; empty when nothing does. */
  warnings?(): Promise<string[]>;
  /** Metrics in Prometheus' text form. */
  metrics(): Promise<{ contentType: string; text: string }>;
}

/** `/health/live`: the process runs. `/health/ready`: it can take events in. `/metrics`: figures for Prometheus. */
export function health(options: HealthOptions): Router {
  const router = Router();
  router.get("/health/live", (_request, response) => void response.json({ live: true }));
  router.get("/health/ready", ready(options));
  router.get("/metrics", async (_request, response) => {
    const { contentType, text } = await options.metrics();
    response.type(contentType).send(text);
  });
  return router;
}

function ready({ notReady, warnings }: HealthOptions): RequestHandler {
  return async (_request, response) => {
    const reasons = await notReady();
    const told = (await warnings?.()) ?? [];
    const answer = { ready: reasons.length === 0, reasons, ...(told.length > 0 ? { warnings: told } : {}) };
    response.status(answer.ready ? 200 : 503).json(answer);
  };
}
