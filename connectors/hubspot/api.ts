import {
  type Clock,
  fromHttpResponse,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  PluginError,
  parseRetryAfter,
} from "deskferry/sdk";
import { z } from "zod";

/** Calls of one version of HubSpot's API, with its errors understood. */
export interface Api {
  /** `/crm/<part>/<version>/<rest>`. */
  crm(part: "associations" | "objects" | "owners" | "pipelines" | "properties", rest?: string): string;
  files(rest?: string): string;
  call(request: HttpRequest): Promise<HttpAnswer>;
}

/** Statuses of which HubSpot tells more than a status can: see `refusal`. */
const TOLD = [400, 403, 423, 429, 477];
const LOCKED_MS = 2_000;
/** The day ends at midnight of the account's time zone, which nobody tells. */
const DAY_USED_UP_MS = 15 * 60_000;

export function createApi(http: HttpClient, version: string, clock: Clock): Api {
  return {
    crm: (part, rest = "") => `/crm/${part}/${version}${rest}`,
    files: (rest = "") => `/files/${version}/files${rest}`,
    async call(request) {
      const accept = request.accept ?? [];
      const answer = await http.request({ ...request, accept: [...TOLD, ...accept] });
      const { status } = answer;
      if (status < 300 || accept.includes(status)) return answer;
      throw refusal(answer, request, clock.now());
    },
  };
}

/** https://developers.hubspot.com/docs/api-reference/latest/error-handling */
function refusal(answer: HttpAnswer, { what, json }: HttpRequest, now: number): PluginError {
  const { status: code, text, headers } = answer;
  const retryAfterMs = parseRetryAfter(headers["retry-after"], now);
  if (code === 423 || code === 477) {
    const operatorMessage = `${what}: HubSpot has locked the account or moves it to another place (${code})`;
    return new PluginError({
      kind: "unavailable",
      code,
      operatorMessage,
      retryAfterMs: retryAfterMs ?? LOCKED_MS,
    });
  }
  if (code === 429 && retryAfterMs === undefined && /"policyName"\s*:\s*"DAILY"/.test(text)) {
    const operatorMessage = `${what}: the calls that HubSpot allows in a day are used up`;
    return new PluginError({ kind: "throttled", code, operatorMessage, retryAfterMs: DAY_USED_UP_MS });
  }
  if (code === 403) return forbidden(answer, what);
  return code === 400 ? refused(answer, what, json) : fromHttpResponse(answer, what, now);
}

/** HubSpot names the scopes of which one is missing. */
function forbidden({ status: code, text }: HttpAnswer, what: string): PluginError {
  const listed = /"requiredGranularScopes"\s*:\s*\[([^\]]{0,500})\]/.exec(text)?.[1] ?? "";
  const scopes = listed.match(/(?<=")[a-z][a-z0-9._-]{1,60}(?=")/g)?.join(" or ");
  const operatorMessage = `${what}: HubSpot refuses the key${scopes ? `, which lacks the scope ${scopes}` : ""}`;
  return new PluginError({ kind: "auth", code, operatorMessage });
}

const CODES = /\b(?:PROPERTY_DOESNT_EXIST|INVALID_OPTION|INVALID_DATE|INVALID_INTEGER|REQUIRED_PROPERTY)\b/;
/** Property names in the two shapes of errors: a list, and a list written into a message. */
const NAMES = /\\?"(?:name|propertyName)\\?"\s*:\s*\[?\s*\\?"([a-z0-9_]{1,100})\\?"/g;
const CORRELATION = /"correlationId"\s*:\s*"([0-9a-f-]{36})"/;

/**
 * Refused for good: names those of the properties sent that are at fault, and HubSpot's id of the call, which their
 * support asks for. Other words of the answer are not repeated, they may hold values. A value that has to be unique
 * and is there already is a conflict.
 */
export function refused(answer: HttpAnswer, what: string, json: unknown): PluginError {
  const { text, status } = answer;
  const sent = namesSent(json);
  const named = [...text.matchAll(NAMES)].flatMap(([, name = ""]) => (sent.includes(name) ? [name] : []));
  const words = [[...new Set(named)].join(", "), CODES.exec(text)?.[0] ?? ""].filter((word) => word !== "");
  const correlation = CORRELATION.exec(text)?.[1];
  const isConflict = /CONFLICTING_UNIQUE_VALUE|already has that value/.test(text);
  const reason = words.length > 0 ? `: ${words.join(" ")}` : "";
  const reference = correlation ? ` (correlationId ${correlation})` : "";
  return new PluginError({
    kind: isConflict ? "conflict" : "rejected",
    code: status,
    operatorMessage: `${what}: HubSpot refused it${reason}${reference}`,
  });
}

const properties = z.record(z.string(), z.unknown());
const withProperties = z.union([
  z.object({ properties }).transform((body) => Object.keys(body.properties)),
  z
    .object({ inputs: z.array(z.object({ properties })) })
    .transform(({ inputs }) => inputs.flatMap((input) => Object.keys(input.properties))),
]);

function namesSent(json: unknown): string[] {
  return withProperties.safeParse(json).data ?? [];
}
