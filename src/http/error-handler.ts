import type { ErrorRequestHandler } from "express";
import type { Logger } from "../telemetry/logger.ts";
import { BodyRefused } from "./raw-body.ts";

/** Express' own handler prints bodies of malformed requests, in production too (measured with 5.3): hence this one. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof BodyRefused) {
      response.set("Connection", "close").status(error.status).json({ error: error.message });
      return;
    }
    const isBadRequest = error instanceof URIError;
    if (!isBadRequest)
      logger.error("a request failed", { kind: error instanceof Error ? error.name : typeof error });
    response
      .status(isBadRequest ? 400 : 500)
      .json({ error: isBadRequest ? "malformed address" : "internal error" });
  };
}
