import { type Clock, type HttpClient, PluginError, type Tools } from "deskferry/sdk";
import { z } from "zod";
import type { OAuth2Settings } from "./auth-settings.ts";

const what = "get an access token";

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  /** Seconds (RFC 6749, 5.1); some servers write them as text. */
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

/** A token is renewed this long before its end, and a short-lived one after nine tenths of its life. */
const MARGIN_MS = 60_000;
/** RFC 6749 makes expires_in optional; a token that ends earlier is found out by a 401. */
const DEFAULT_LIFE_MS = 3_600_000;

export interface TokenSource {
  /** The token in use; asks for one where there is none, or where it ends soon. */
  current(): Promise<string>;
  /** Told that a server refused this one. */
  refused(token: string): void;
}

/** Client credentials (RFC 6749, 4.4). Whoever comes while a token is asked for waits for the same answer. */
export function createTokenSource(settings: OAuth2Settings, tools: Tools, timeoutMs: number): TokenSource {
  const { origin, pathname, search } = new URL(settings.tokenUrl);
  const http = tools.http({ baseUrl: origin, timeoutMs });
  let held: { token: string; until: number } | undefined;
  let asked: Promise<string> | undefined;

  async function renew(): Promise<string> {
    const answer = await ask(http, settings, `${pathname}${search}`);
    held = { token: answer.access_token, until: endOf(answer.expires_in, tools.clock) };
    return held.token;
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

async function ask(http: HttpClient, settings: OAuth2Settings, path: string) {
  const { clientId, clientSecret, scope, audience, credentialsIn } = settings;
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
  });
  const result = tokenAnswer.safeParse(answer.json());
  if (result.success) return result.data;
  throw new PluginError({ kind: "ambiguous", operatorMessage: `${what}: the answer holds no access_token` });
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
