import {
  type Clock,
  fromHttpResponse,
  type HttpClient,
  PluginError,
  parseJson,
  readAs,
  unexpectedShape,
} from "deskferry/sdk";
import { z } from "zod";
import { faultOf } from "./faults.ts";
import type { Settings } from "./settings.ts";

const server = "Odoo";

/** One call of a method of a model. */
export interface Call<T extends z.ZodType> {
  model: string;
  method: string;
  /** Records to work on; absent for methods of the model itself. */
  ids?: number[];
  /** The method's own parameters, by name. */
  given?: Record<string, unknown>;
  context?: Record<string, unknown>;
  /** Shape of what the method returns. */
  returns: T;
  what: string;
  timeoutMs?: number;
}

/** Odoo's models, by whichever of its interfaces. */
export interface Rpc {
  call<T extends z.ZodType>(call: Call<T>): Promise<z.output<T>>;
  /** Number of our user; throws `auth` when Odoo does not know us. */
  userId(): Promise<number>;
  /** Asks anew who we are. */
  forget(): void;
}

export interface RpcTools {
  http: HttpClient;
  settings: Settings;
  clock: Clock;
}

/** Both interfaces run a call in a transaction of its own and need the API key each time: there is no session to lose. */
export function createRpc(tools: RpcTools): Rpc {
  const { jsonRpc, language, company } = tools.settings;
  let user: Promise<number> | undefined;
  const contextOf = (more: Record<string, unknown> | undefined) => ({
    lang: language,
    tz: "UTC",
    ...(company === undefined ? {} : { allowed_company_ids: [company] }),
    ...more,
  });
  async function send<T extends z.ZodType>(call: Call<T>): Promise<z.output<T>> {
    const context = contextOf(call.context);
    const value = jsonRpc
      ? await byJsonRpc(await rpc.userId(), { ...call, context }, tools)
      : await byJson2({ ...call, context }, tools);
    return shaped(value, call.returns, call.what);
  }
  const rpc: Rpc = {
    async call(call) {
      try {
        return await send(call);
      } catch (error) {
        if (error instanceof PluginError && error.kind === "auth") rpc.forget();
        throw error;
      }
    },
    userId() {
      user ??= (jsonRpc ? logIn(tools) : whoAmI(send)).catch((error: unknown) => {
        rpc.forget();
        throw error;
      });
      return user;
    },
    forget() {
      user = undefined;
    },
  };
  return rpc;
}

async function whoAmI(send: Rpc["call"]): Promise<number> {
  const returns = z.object({ uid: z.number().int() });
  return (await send({ model: "res.users", method: "context_get", returns, what: "read account" })).uid;
}

/** Answers to a refusal that Odoo gives itself, with an exception in the body. */
const EXPLAINED = [400, 403, 404, 409, 415, 422, 500];

/** JSON-2, since Odoo 19: statuses are meant, parameters have names only. */
async function byJson2<T extends z.ZodType>(call: Call<T>, { http, clock }: RpcTools): Promise<unknown> {
  const { model, method, ids, given, context, what, timeoutMs } = call;
  const answer = await http.request({
    method: "POST",
    path: `/json/2/${encodeURIComponent(model)}/${encodeURIComponent(method)}`,
    json: { ...given, ...(ids ? { ids } : {}), context },
    what,
    accept: EXPLAINED,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  if (answer.status < 400) return answer.json();
  throw faultOf(parseJson(answer.text), what) ?? fromHttpResponse(answer, what, clock.now());
}

const envelope = z.object({
  result: z.unknown().optional(),
  error: z.object({ data: z.unknown().optional() }).optional(),
});

/** JSON-RPC, until Odoo 21: 200 whatever happened, `create` takes its values by position only. */
async function byJsonRpc<T extends z.ZodType>(uid: number, call: Call<T>, tools: RpcTools): Promise<unknown> {
  const { model, method, ids, given = {}, context } = call;
  const { vals_list: values, ...named } = given;
  const positional = method === "create" ? [values] : ids ? [ids] : [];
  const { database } = tools.settings.jsonRpc ?? {};
  const args = [database, uid, tools.settings.apiKey, model, method, positional, { ...named, context }];
  return service("object", { method: "execute_kw", args, ...timed(call) }, tools);
}

async function logIn(tools: RpcTools): Promise<number> {
  const what = "log in";
  const { database, login } = tools.settings.jsonRpc ?? {};
  const args = [database, login, tools.settings.apiKey, {}];
  const value = await service("common", { method: "authenticate", args, what }, tools);
  const uid = shaped(value, z.union([z.number().int(), z.literal(false)]), what);
  if (uid !== false) return uid;
  const operatorMessage = `${what}: Odoo does not accept the login with this API key in this database`;
  throw new PluginError({ kind: "auth", code: 401, operatorMessage });
}

const timed = ({ what, timeoutMs }: { what: string; timeoutMs?: number }) => ({
  what,
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
});

async function service(
  name: "common" | "object",
  { method, args, ...more }: { method: string; args: unknown[]; what: string; timeoutMs?: number },
  { http }: RpcTools,
): Promise<unknown> {
  const json = { jsonrpc: "2.0", method: "call", id: 1, params: { service: name, method, args } };
  const answer = await http.request({ method: "POST", path: "/jsonrpc", json, ...more });
  const { result, error } = shaped(answer.json(), envelope, more.what);
  if (error) throw faultOf(error.data, more.what) ?? unexpectedShape({ what: more.what, server }, "error");
  if (result === undefined) throw unexpectedShape({ what: more.what, server }, "result");
  return result;
}

/** A success that is none may still have had its effect: `ambiguous`. */
function shaped<T extends z.ZodType>(value: unknown, schema: T, what: string): z.output<T> {
  return readAs(value, schema, { what, server });
}
