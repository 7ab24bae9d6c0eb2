import {
  type Clock,
  fromHttpResponse,
  type HttpAnswer,
  type HttpClient,
  PluginError,
  type PluginLog,
  readAs,
} from "deskferry/sdk";
import { z } from "zod";
import type { Settings } from "./settings.ts";

export interface ZnunyTools {
  http: HttpClient;
  settings: Settings;
  log: PluginLog;
  clock: Clock;
}

export interface Call<T extends z.ZodType> {
  /** Name of the operation, which is its route too (webservice.yml). */
  operation: string;
  body: Record<string, unknown>;
  /** Of the answer where it is no error. */
  schema: T;
  what: string;
  timeoutMs?: number;
}

const failure = z.object({ Error: z.object({ ErrorCode: z.string(), ErrorMessage: z.string().catch("") }) });

/** Znuny answers 200 to almost everything; what went wrong stands in the body. Thrown as PluginError. */
export async function call<T extends z.ZodType>(
  call: Call<T>,
  { http, settings, clock }: ZnunyTools,
): Promise<z.output<T>> {
  const { operation, body, schema, what, timeoutMs } = call;
  const answer = await http.request({
    method: "POST",
    path: `/${operation}`,
    json: body,
    what,
    accept: [500],
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  if (answer.status === 500) throw serverError(answer, call, clock.now());
  const json = answer.json();
  const failed = failure.safeParse(json);
  if (failed.success) throw toPluginError(failed.data.Error, what, settings);
  return readAs(json, schema, { what, server: "Znuny" });
}

/** Where the web service has no route for the operation, Znuny answers so before it looks at anything else. */
function serverError(answer: HttpAnswer, { operation, what }: Call<z.ZodType>, now: number): PluginError {
  if (!answer.text.includes("Error while determine Operation")) return fromHttpResponse(answer, what, now);
  const operatorMessage = `${what}: Znuny's web service has no operation ${operation}; import webservice.yml again`;
  return new PluginError({ kind: "config", code: 500, operatorMessage });
}

/** Znuny checks everything before it writes anything: an error with a code had no effect. */
function toPluginError(
  { ErrorCode, ErrorMessage }: { ErrorCode: string; ErrorMessage: string },
  what: string,
  { username }: Settings,
): PluginError {
  const [reason = ""] = /[A-Za-z]+$/.exec(ErrorCode) ?? [];
  if (reason === "AuthFail") {
    const operatorMessage = `${what}: Znuny refused the login or password of the account ${username}`;
    return new PluginError({ kind: "auth", code: "AuthFail", operatorMessage });
  }
  if (ErrorCode === "Deskferry.AccessDenied") {
    const operatorMessage = `${what}: the account ${username} lacks read and write permission in the group deskferry`;
    return new PluginError({ kind: "config", code: "AccessDenied", operatorMessage });
  }
  if (reason === "AccessDenied" || reason === "NothingThere" || reason === "NotValidTicketID") {
    const operatorMessage = `${what}: it is not there, or the account ${username} has no permission for it`;
    return new PluginError({ kind: "not_found", code: reason, operatorMessage });
  }
  // "Ticket->QueueID or Ticket->Queue parameter is invalid!": the id is named too, whichever was given.
  const parameter = /(?:Ticket|Article|DynamicField|Attachment)->([A-Za-z]{1,30})\b/
    .exec(ErrorMessage)?.[1]
    ?.replace(/ID$/, "");
  const about = parameter ? ` because of ${parameter}` : "";
  const known = ["InvalidParameter", "MissingParameter"].includes(reason);
  return new PluginError({
    kind: "rejected",
    ...(known && parameter ? { code: parameter } : {}),
    operatorMessage: `${what}: Znuny refused it${about}`,
  });
}

/** Znuny writes ids as numbers in some answers and as texts in others. */
export const id = z.union([z.string(), z.number()]).transform(String);
