import { type HttpClient, PluginError, type Tools } from "../../sdk/index.ts";
import { asFields, type Fields } from "../meta/fields.ts";
import { twilioError } from "./errors.ts";
import type { Settings } from "./settings.ts";

export interface TwilioRequest {
  method: "GET" | "POST";
  /** Below the account. */
  path: string;
  fields?: Record<string, string>;
  /** The operation in words, for errors. */
  what: string;
}

/** Twilio's API with our token. Every failure is a PluginError of the kind that Twilio's code means. */
export interface TwilioApi {
  request(request: TwilioRequest): Promise<Fields>;
  /** The client itself, which signs in. */
  client: HttpClient;
  accountPath: string;
}

/** The body decides what went wrong, so these answers are wanted too. */
const errorStatuses = Array.from({ length: 200 }, (_, index) => 400 + index);

export function createTwilioApi({ accountSid, authTokens, apiUrl }: Settings, tools: Tools): TwilioApi {
  const credentials = Buffer.from(`${accountSid}:${authTokens[0] ?? ""}`).toString("base64");
  const client = tools.http({
    baseUrl: apiUrl,
    headers: { Authorization: `Basic ${credentials}`, "Accept-Encoding": "identity" },
  });
  const accountPath = `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}`;

  async function request({ method, path, fields, what }: TwilioRequest): Promise<Fields> {
    const { status, headers, text } = await client.request({
      method,
      path: accountPath + path,
      ...(fields ? { fields } : {}),
      what,
      accept: errorStatuses,
    });
    const body = parseBody(text);
    if (status >= 400) throw twilioError({ status, headers, body }, what, tools.clock.now());
    if (body) return body;
    const operatorMessage = `${what}: Twilio answered ${status} with something that cannot be read`;
    throw new PluginError({ kind: "ambiguous", code: status, operatorMessage });
  }

  return { request, client, accountPath };
}

function parseBody(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return undefined;
  }
}
