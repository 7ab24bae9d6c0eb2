import { type FormPart, type HttpClient, PluginError, type Tools } from "../../sdk/index.ts";
import { graphError, isGraphError } from "./errors.ts";
import { asFields, type Fields } from "./fields.ts";

export interface GraphRequest {
  method: "GET" | "POST";
  /** Ids below the version, each written as it is. */
  path: string[];
  query?: Record<string, string>;
  json?: unknown;
  form?: FormPart[];
  timeoutMs?: number;
  /** The operation in words, for errors. */
  what: string;
}

/** Where the Cloud API is, and how it knows us. */
export interface GraphAccess {
  url: string;
  /** Segments before the ids, e.g. the version. */
  prefix: string[];
  headers: Record<string, string>;
  mediaHosts: string[];
}

/** The Graph API with our token. Every failure is a PluginError of the kind that Graph's code means. */
export interface Graph {
  request(request: GraphRequest): Promise<Fields>;
  download: HttpClient["download"];
}

/** The body decides what went wrong, so these answers are wanted too. */
const errorStatuses = Array.from({ length: 200 }, (_, index) => 400 + index);

export function createGraph(access: GraphAccess, tools: Tools): Graph {
  const client = tools.http({
    baseUrl: access.url,
    headers: {
      ...access.headers,
      // Files are compared by hash with what the person sent, so they must come as they are.
      "Accept-Encoding": "identity",
    },
    downloadHosts: access.mediaHosts,
  });

  async function request({ path, what, ...rest }: GraphRequest): Promise<Fields> {
    const answer = await client.request({
      ...rest,
      path: `/${[...access.prefix, ...path].map(encodeURIComponent).join("/")}`,
      what,
      accept: errorStatuses,
    });
    const { status, headers } = answer;
    const body = parseBody(answer.text);
    if (status >= 400 || isGraphError(body))
      throw graphError({ status, headers, body }, what, tools.clock.now());
    if (body) return body;
    const operatorMessage = `${what}: Graph answered ${status} with something that cannot be read`;
    throw new PluginError({ kind: "ambiguous", code: status, operatorMessage });
  }

  return { request, download: client.download };
}

function parseBody(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return undefined;
  }
}
