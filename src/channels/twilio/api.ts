import { type HttpClient, type HttpRequest, PluginError, type Tools } from "../../sdk/index.ts";
import { asFields, type Fields } from "../cloud-api/fields.ts";
import { twilioError } from "./errors.ts";
import type { Settings } from "./settings.ts";

interface ContentRequest {
  /** Below the Content API's address. */
  path: string;
  query: Record<string, string>;
  what: string;
}

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
  /** Reads from the Content API, which is on a host of its own. */
  content(request: ContentRequest): Promise<Fields>;
  /** The client itself, which signs in. */
  client: HttpClient;
  accountPath: string;
}

/** The body decides what went wrong, so these answers are wanted too. */
const errorStatuses = Array.from({ length: 200 }, (_, index) => 400 + index);

export function createTwilioApi(settings: Settings, tools: Tools): TwilioApi {
  const { accountSid, authTokens, apiUrl, contentUrl } = settings;
  const credentials = Buffer.from(`${accountSid}:${authTokens[0] ?? ""}`).toString("base64");
  const headers = { Authorization: `Basic ${credentials}`, "Accept-Encoding": "identity" };
  const client = tools.http({ baseUrl: apiUrl, headers });
  const contents = tools.http({ baseUrl: contentUrl, headers });
  const accountPath = `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}`;

  async function ask(asked: HttpClient, request: HttpRequest): Promise<Fields> {
    const { what } = request;
    const { status, headers, text } = await asked.request({ ...request, accept: errorStatuses });
    const body = parseBody(text);
    if (status >= 400) throw twilioError({ status, headers, body }, what, tools.clock.now());
    if (body) return body;
    const operatorMessage = `${what}: Twilio answered ${status} with something that cannot be read`;
    throw new PluginError({ kind: "ambiguous", code: status, operatorMessage });
  }

  return {
    request: (request) => ask(client, { ...request, path: accountPath + request.path }),
    content: (request) => ask(contents, { ...request, method: "GET" }),
    client,
    accountPath,
  };
}

function parseBody(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return undefined;
  }
}
