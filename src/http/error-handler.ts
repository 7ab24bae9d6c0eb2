import type { ServerResponse } from "node:http";
import type { ErrorRequestHandler } from "express";
import type { Logger } from "../telemetry/logger.ts";
import { answerJson } from "./answer.ts";
import { BodyRefused } from "./read-body.ts";

/** Express' own handler prints bodies of malformed requests, in production too (measured with 5.3): hence this one. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => answerError(error, response, logger);
}

/** Says what went wrong without quoting anything; an answer that has begun is broken off. */
export function answerError(error: unknown, response: ServerResponse, logger: Logger): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof BodyRefused) {
    response.setHeader("Connection", "close");
    answerJson(response, error.status, { error: error.message });
    return;
  }
  if (error instanceof URIError) {
    answerJson(response, 400, { error: "malformed address" });
    return;
  }
  logger.error("a request failed", { kind: error instanceof Error ? error.name : typeof error });
  answerJson(response, 500, { error: "internal error" });
}
