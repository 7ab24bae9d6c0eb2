import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from "express";
import { ControlError } from "./read.ts";

/** `METHOD /path` → what it does. The returned value goes out as JSON; a ControlError as 400 with its reason. */
export type ControlRoutes = Record<string, (request: Request) => unknown>;

export function controlRouter(routes: ControlRoutes): Router {
  const router = Router();
  for (const [route, perform] of Object.entries(routes)) {
    const [method = "", path = ""] = route.split(" ");
    router.all(path, (request, response, next) =>
      request.method === method ? answer(perform)(request, response, next) : next(),
    );
  }
  return router;
}

function answer(perform: (request: Request) => unknown): RequestHandler {
  return async (request, response) => {
    try {
      response.json((await perform(request)) ?? { ok: true });
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      response.status(400).json({ error: error.message });
    }
  };
}

/** Last in line: malformed bodies as 400, the rest as 500, neither with a stack. */
export const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status =
    error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : 500;
  response.status(status).json({ error: error instanceof Error ? error.message : "unknown error" });
};
