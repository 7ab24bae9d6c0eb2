import { z } from "zod";
import type { Clock } from "./clock.ts";
import { type ErrorKind, fromHttpResponse, PluginError } from "./errors.ts";
import type { HttpAnswer, HttpClient } from "./http-client.ts";
import { parseJson } from "./parse-json.ts";
import type { Tools } from "./tools.ts";

const what = "get an access token";

/** Client credentials (RFC 6749, 4.4), as settings give them. */
export interface ClientCredentials {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope?: string | undefined;
  audience?: string | undefined;
  credentialsIn: "header" | "body";
}

export interface AccessToken {
  value: string;
  /** The whole answer: some servers say in it whose token it is. */
  answer: Record<string, unknown>;
}

export interface TokenSource {
  /** The token in use; asks for one where there is none, or where it ends soon. */
  current(): Promise<AccessToken>;
  /** Told that a server refused this one. */
  refused(token: AccessToken): void;
}

const tokenAnswer = z.looseObject({
  access_token: z.string().min(1),
  /** Seconds (RFC 6749, 5.1); some servers write them as text. */
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});
const refusal = z.object({ error: z.string() });

/** Errors of RFC 6749, 5.2, and those that Salesforce adds. Any other is not repeated: it may be anything. */
const kindsOfErrors: Record<string, ErrorKind> = {
  invalid_client: "auth",
  invalid_client_id: "auth",
  invalid_client_credentials: "auth",
  invalid_grant: "auth",
  unauthorized_client: "auth",
  inactive_user: "auth",
  inactive_org: "auth",
  invalid_request: "config",
  invalid_scope: "config",
  unsupported_grant_type: "config",
  rate_limit_exceeded: "throttled",
};
/** A token is renewed this long before its end, and a short-lived one after nine tenths of its life. */
const MARGIN_MS = 60_000;
/** RFC 6749 makes expires_in optional; a token that ends earlier is found out by a 401. */
const DEFAULT_LIFE_MS = 3_600_000;

/** Whoever comes while a token is asked for waits for the same answer. */
export function createTokenSource(
  credentials: ClientCredentials,
  tools: Tools,
  timeoutMs?: number,
): TokenSource {
  const { origin, pathname, search } = new URL(credentials.tokenUrl);
  const http = tools.http({ baseUrl: origin, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  let held: { token: AccessToken; until: number } | undefined;
  let asked: Promise<AccessToken> | undefined;

  async function renew(): Promise<AccessToken> {
    const answer = await ask(http, credentials, { path: `${pathname}${search}`, clock: tools.clock });
    const token = { value: answer.access_token, answer };
    held = { token, until: endOf(answer.expires_in, tools.clock) };
    return token;
  }

  return {
    current() {
      if (held && tools.clock.now() < held.until) return Promise.resolve(held.token);
      asked ??= renew().finally(() => {
        asked = undefined;
      });
      return asked;
    },
    refused(token) {
      if (held?.token === token) held = undefined;
    },
  };
}

/**
 * The same client, which shows the token. One may be withdrawn before its end: refused once, a new one is asked for, and
 * nothing was done before.
 */
export function withToken(http: HttpClient, tokens: TokenSource): HttpClient {
  async function shown<T>(send: (headers: Record<string, string>) => Promise<T>): Promise<T> {
    const token = await tokens.current();
    try {
      return await send({ Authorization: `Bearer ${token.value}` });
    } catch (error) {
      if (!(error instanceof PluginError) || error.code !== 401) throw error;
      tokens.refused(token);
      return send({ Authorization: `Bearer ${(await tokens.current()).value}` });
    }
  }
  return {
    request: (request) =>
      shown((headers) => http.request({ ...request, headers: { ...request.headers, ...headers } })),
    download: (request) =>
      shown((headers) => http.download({ ...request, headers: { ...request.headers, ...headers } })),
  };
}

async function ask(
  http: HttpClient,
  { clientId, clientSecret, scope, audience, credentialsIn }: ClientCredentials,
  { path, clock }: { path: string; clock: Clock },
) {
  const inBody = credentialsIn === "body";
  const answer = await http.request({
    method: "POST",
    path,
    what,
    headers: {
      Accept: "application/json",
      ...(inBody ? {} : { Authorization: basicOf(clientId, clientSecret) }),
    },
    fields: {
      grant_type: "client_credentials",
      ...(scope ? { scope } : {}),
      ...(audience ? { audience } : {}),
      ...(inBody ? { client_id: clientId, client_secret: clientSecret } : {}),
    },
    accept: [400],
  });
  if (answer.status === 400) throw refused(answer, clock);
  const result = tokenAnswer.safeParse(answer.json());
  if (result.success) return result.data;
  throw new PluginError({ kind: "ambiguous", operatorMessage: `${what}: the answer holds no access_token` });
}

/** Wrong credentials are a 400 with most servers. */
function refused(answer: HttpAnswer, clock: Clock): PluginError {
  const code = refusal.safeParse(parseJson(answer.text)).data?.error ?? "";
  const kind = Object.hasOwn(kindsOfErrors, code) ? kindsOfErrors[code] : undefined;
  if (!kind) return fromHttpResponse(answer, what, clock.now());
  return new PluginError({ kind, code, operatorMessage: `${what}: the server refused it (${code})` });
}

/** RFC 6749, 2.3.1: both are encoded as in a form before they are joined. */
function basicOf(clientId: string, clientSecret: string): string {
  const encoded = [clientId, clientSecret].map((part) => encodeURIComponent(part).replaceAll("%20", "+"));
  return `Basic ${Buffer.from(encoded.join(":")).toString("base64")}`;
}

function endOf(seconds: number | undefined, clock: Clock): number {
  const lifeMs = seconds === undefined ? DEFAULT_LIFE_MS : seconds * 1000;
  return clock.now() + lifeMs - Math.min(MARGIN_MS, lifeMs / 10);
}
