import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import type { TokenScope } from "../domain/token.ts";
import { answerJson } from "./answer.ts";

/** Whether a token may be used for this. Rejects when nobody can tell. */
export type Admit = (token: string, scope: TokenScope) => Promise<"admitted" | "unknown" | "other_scope">;

/** Says whether a request may see what this scope is for. */
export async function isAdmitted(
  { headers }: IncomingMessage,
  scope: TokenScope,
  admit: Admit,
): Promise<Awaited<ReturnType<Admit>>> {
  const token = /^Bearer ([\w-]{1,100})$/i.exec(headers.authorization ?? "")?.[1];
  return token === undefined ? "unknown" : admit(token, scope);
}

/** Lets nobody through without a token of this scope. One that cannot be looked up opens nothing. */
export function demandScope(scope: TokenScope, admit: Admit): RequestHandler {
  return async (request, response, next) => {
    const verdict = await isAdmitted(request, scope, admit).catch(() => "unavailable" as const);
    if (verdict === "admitted") return next();
    refuse(response, verdict, scope);
  };
}

function refuse(
  response: ServerResponse,
  verdict: "unknown" | "other_scope" | "unavailable",
  scope: TokenScope,
): void {
  if (verdict === "unavailable") {
    answerJson(response, 503, { error: "the token cannot be looked up" });
    return;
  }
  if (verdict === "other_scope") {
    answerJson(response, 403, { error: `this token is not for ${scope}` });
    return;
  }
  response.setHeader("WWW-Authenticate", "Bearer");
  answerJson(response, 401, { error: `a token for ${scope} is needed: deskferry token create` });
}
