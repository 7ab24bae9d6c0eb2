import type { Readable } from "node:stream";
import axios, { type AxiosInstance, type AxiosResponse } from "axios";
import FormData from "form-data";
import {
  ADDRESS_NOT_ALLOWED,
  type ClientCertificate,
  guardedAgents,
  isForbiddenLiteral,
  type Reach,
} from "./address-guard.ts";
import type { Attachment } from "./attachment.ts";
import type { Clock } from "./clock.ts";
import { fromHttpResponse, PluginError } from "./errors.ts";
import { redirectTarget } from "./redirect-target.ts";

export interface HttpClientOptions {
  /** All requests go below this address. */
  baseUrl: string;
  /** Sent with every request, e.g. Authorization. */
  headers?: Record<string, string>;
  /** Deadline of a whole exchange, body included. Default 20 s. */
  timeoutMs?: number;
  /** Default 5 MiB, counted after decompression. */
  maxAnswerBytes?: number;
  /** Default true. False for servers with a process a connection, which idle connections would occupy. */
  keepAlive?: boolean;
  /** Further hosts (`host` or `host:port`) that `download` may visit with these headers. */
  downloadHosts?: string[];
  /** For servers that know their callers by a certificate (mutual TLS). */
  clientCertificate?: ClientCertificate;
}

/** `mimeType` of a value: for servers that want to be told of a part that it is JSON. */
export type FormPart =
  | { name: string; value: string; mimeType?: string }
  | { name: string; file: Attachment };

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the base address; ids in it through encodeURIComponent. */
  path: string;
  query?: Record<string, string | number>;
  headers?: Record<string, string>;
  json?: unknown;
  form?: FormPart[];
  /** Sent as application/x-www-form-urlencoded. */
  fields?: Record<string, string>;
  /** The body itself, streamed as it is; its type goes into `headers` where the server asks for another. */
  file?: Attachment;
  /** The operation in words, for errors: "create ticket". */
  what: string;
  /** Statuses besides 2xx that are an answer rather than an error. */
  accept?: number[];
  timeoutMs?: number;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
  /** Throws `ambiguous` when the text is not JSON: a success that cannot be read may have had its effect. */
  json(): unknown;
}

export interface DownloadRequest {
  url: string;
  headers?: Record<string, string>;
  what: string;
  /** Of all of it, a redirection included. Default 300 s. */
  timeoutMs?: number;
  /**
   * Hosts (`host` or `host:port`), and those below them, to which one redirection may lead, for servers that keep files in
   * a store: it is asked without any of our headers. Without it no redirection is followed.
   */
  redirectHosts?: string[];
}

export interface Download {
  body: Readable;
  headers: Record<string, string | undefined>;
}

export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** The body as a stream, its size unchecked. Only to the base address' host and `downloadHosts`. */
  download(request: DownloadRequest): Promise<Download>;
}

const keptAlive = guardedAgents("configured", { keepAlive: true });
const closedAfterUse = guardedAgents("configured", { keepAlive: false });
const elsewhere = guardedAgents("elsewhere", { keepAlive: false });

type Agents = ReturnType<typeof guardedAgents>;

/** Shared by all clients, but for those with a certificate: a connection belongs to whom it was made for. */
function agentsOf({ keepAlive = true, clientCertificate }: HttpClientOptions): Agents {
  if (clientCertificate) return guardedAgents("configured", { keepAlive, clientCertificate });
  return keepAlive ? keptAlive : closedAfterUse;
}

/**
 * The one HTTP client. axios' own timeout does not bound a slow body, hence the abort signal; redirects would carry
 * credentials to other hosts; a proxy from the environment would too (measured with axios 1.21).
 */
export function createHttpClient(options: HttpClientOptions, clock: Clock): HttpClient {
  const base = new URL(options.baseUrl).hostname;
  if (isForbiddenLiteral(base, "configured")) throw addressNotAllowed("the base address", "configured");
  const agents = agentsOf(options);
  const instance = axios.create({
    baseURL: options.baseUrl,
    ...(options.headers ? { headers: options.headers } : {}),
    ...agents,
    allowAbsoluteUrls: false,
    maxRedirects: 0,
    proxy: false,
    maxContentLength: options.maxAnswerBytes ?? 5 * 1024 * 1024,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: "text",
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
  });
  return {
    request: (request) => exchange(instance, options, request, clock),
    download: (request) => download({ ...options, agents }, request, clock),
  };
}

async function exchange(
  instance: AxiosInstance,
  options: HttpClientOptions,
  request: HttpRequest,
  clock: Clock,
): Promise<HttpAnswer> {
  const { data, headers } = bodyOf(request);
  const response = await attempt(request.what, "configured", () =>
    instance.request<string>({
      method: request.method,
      url: request.path,
      headers: { ...headers, ...request.headers },
      signal: AbortSignal.timeout(request.timeoutMs ?? options.timeoutMs ?? 20_000),
      ...(request.query ? { params: request.query } : {}),
      ...(data === undefined ? {} : { data }),
    }),
  );
  const answer = toAnswer(response, request.what);
  const accepted = (answer.status >= 200 && answer.status < 300) || request.accept?.includes(answer.status);
  if (!accepted) throw fromHttpResponse(answer, request.what, clock.now());
  return answer;
}

function bodyOf(request: HttpRequest): { data?: unknown; headers: Record<string, string> } {
  if (request.form) {
    const form = new FormData();
    for (const part of request.form) appendPart(form, part);
    return { data: form, headers: form.getHeaders() };
  }
  if (request.fields) {
    const data = new URLSearchParams(request.fields).toString();
    return { data, headers: { "Content-Type": "application/x-www-form-urlencoded" } };
  }
  if (request.file) {
    const { open, size } = request.file;
    return {
      data: open(),
      headers: { "Content-Type": "application/octet-stream", "Content-Length": String(size) },
    };
  }
  if (request.json === undefined) return { headers: {} };
  return { data: JSON.stringify(request.json), headers: { "Content-Type": "application/json" } };
}

function appendPart(form: FormData, part: FormPart): void {
  if ("value" in part) {
    form.append(part.name, part.value, part.mimeType === undefined ? {} : { contentType: part.mimeType });
  } else {
    const { name, mimeType, size, open } = part.file;
    form.append(part.name, open(), { filename: name, contentType: mimeType, knownLength: size });
  }
}

function toAnswer(response: AxiosResponse<string>, what: string): HttpAnswer {
  const text = typeof response.data === "string" ? response.data : "";
  return {
    status: response.status,
    headers: flatHeaders(response),
    text,
    json: () => parseJson(text, what, response.status),
  };
}

function parseJson(text: string, what: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const operatorMessage = `${what}: the server answered ${status} with something other than JSON`;
    throw new PluginError({ kind: "ambiguous", operatorMessage, cause });
  }
}

async function download(
  options: HttpClientOptions & { agents: Agents },
  request: DownloadRequest,
  clock: Clock,
): Promise<Download> {
  const { what, timeoutMs = 300_000 } = request;
  const target = new URL(request.url);
  const base = new URL(options.baseUrl);
  const allowed = [base.host, ...(options.downloadHosts ?? [])];
  if (!allowed.includes(target.host) || !/^https?:$/.test(target.protocol)) {
    const operatorMessage = `${what}: the address is on a host that is not allowed for downloads`;
    throw new PluginError({ kind: "rejected", code: "host_not_allowed", operatorMessage });
  }
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { ...options.headers, ...request.headers };
  const first = await openStream(target, what, { base, agents: options.agents, headers, signal });
  const next = redirectTarget(first.status, flatHeaders(first)["location"], {
    from: target,
    hosts: request.redirectHosts ?? [],
  });
  if (!next) return toDownload(first, what, clock);
  first.data.destroy();
  const second = await openStream(next, what, { base, agents: closedAfterUse, headers: {}, signal });
  return toDownload(second, what, clock);
}

/** `agents` are for the configured host. */
async function openStream(
  url: URL,
  what: string,
  how: { base: URL; agents: Agents; headers: Record<string, string>; signal: AbortSignal },
): Promise<AxiosResponse<Readable>> {
  const { base, agents, headers, signal } = how;
  const reach = url.hostname === base.hostname ? "configured" : "elsewhere";
  // A number is in the settings, or we would not be here: the operator meant it, but nobody means a metadata service.
  if (isForbiddenLiteral(url.hostname, "configured")) throw addressNotAllowed(what, reach);
  return attempt(what, reach, () =>
    axios.get<Readable>(url.href, {
      headers,
      signal,
      ...(reach === "configured" ? agents : elsewhere),
      maxRedirects: 0,
      proxy: false,
      decompress: false,
      responseType: "stream",
      validateStatus: () => true,
    }),
  );
}

function toDownload(response: AxiosResponse<Readable>, what: string, clock: Clock): Download {
  const headers = flatHeaders(response);
  if (response.status === 200) return { body: response.data, headers };
  response.data.destroy();
  throw fromHttpResponse({ status: response.status, headers }, what, clock.now());
}

/** Errors that prove the request never reached the server. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

async function attempt<T>(what: string, reach: Reach, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = axios.isAxiosError(error) ? (error.code ?? "UNKNOWN") : "UNKNOWN";
    if (code === ADDRESS_NOT_ALLOWED) throw addressNotAllowed(what, reach);
    const kind = NEVER_SENT.has(code) ? "unavailable" : "ambiguous";
    // The axios error is dropped on purpose: it carries headers and bodies, i.e. secrets and personal data.
    throw new PluginError({ kind, code, operatorMessage: `${what}: no answer from the server (${code})` });
  }
}

/** An operator can mend the settings; nobody can mend a link in an answer. */
function addressNotAllowed(what: string, reach: Reach): PluginError {
  const operatorMessage = `${what}: the address is one that must not be reached, see docs/connections.md`;
  const kind = reach === "configured" ? "config" : "rejected";
  return new PluginError({ kind, code: "address_not_allowed", operatorMessage });
}

function flatHeaders(response: AxiosResponse<unknown>): Record<string, string | undefined> {
  const flat: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && value !== null) flat[name.toLowerCase()] = String(value);
  }
  return flat;
}
