import type { Readable } from "node:stream";
import { Axios, type AxiosResponse } from "axios";
import type { Dispatcher } from "undici";
import {
  ADDRESS_NOT_ALLOWED,
  type ClientCertificate,
  guardedDispatcher,
  isForbiddenLiteral,
  type Reach,
} from "./address-guard.ts";
import type { Attachment } from "./attachment.ts";
import type { Clock } from "./clock.ts";
import { fromHttpResponse, PluginError } from "./errors.ts";
import { type FormPart, formBody } from "./form-body.ts";
import { redirectTarget } from "./redirect-target.ts";
import { ACCEPTED_ENCODINGS, NOT_CONNECTED, undiciAdapter } from "./undici-adapter.ts";

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

const USER_AGENT = "deskferry";
const keptAlive = guardedDispatcher("configured", { keepAlive: true });
const closedAfterUse = guardedDispatcher("configured", { keepAlive: false });
const elsewhere = guardedDispatcher("elsewhere", { keepAlive: false });

/** Shared by all clients, but for those with a certificate: a connection belongs to whom it was made for. */
function dispatcherOf({ keepAlive = true, clientCertificate }: HttpClientOptions): Dispatcher {
  if (clientCertificate) return guardedDispatcher("configured", { keepAlive, clientCertificate });
  return keepAlive ? keptAlive : closedAfterUse;
}

/** axios with nothing but what we ask of it: each default of its own is merged into every request, at a price. */
function axiosOver(dispatcher: Dispatcher, headers: Record<string, string> = {}): Axios {
  return new Axios({
    adapter: undiciAdapter(dispatcher),
    headers: { Accept: "application/json, text/plain, */*", "User-Agent": USER_AGENT, ...headers },
  });
}

/**
 * The one HTTP client. Redirects are never followed, they would carry credentials to other hosts; nor is a proxy of the
 * environment asked, for the same reason.
 */
export function createHttpClient(options: HttpClientOptions, clock: Clock): HttpClient {
  const base = new URL(options.baseUrl);
  if (isForbiddenLiteral(base.hostname, "configured"))
    throw addressNotAllowed("the base address", "configured");
  const dispatcher = dispatcherOf(options);
  const headers = { "Accept-Encoding": ACCEPTED_ENCODINGS, ...credentialsOf(base), ...options.headers };
  const instance = axiosOver(dispatcher, headers);
  return {
    request: (request) => exchange(instance, options, request, clock),
    download: (request) => download({ ...options, dispatcher }, request, clock),
  };
}

/** As an address may carry them, before an `@`. */
function credentialsOf({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

async function exchange(
  instance: Axios,
  options: HttpClientOptions,
  request: HttpRequest,
  clock: Clock,
): Promise<HttpAnswer> {
  const { data, headers } = bodyOf(request);
  const response = await attempt(request.what, "configured", () =>
    instance.request<string>({
      method: request.method,
      url: addressOf(options.baseUrl, request),
      headers: { ...headers, ...request.headers },
      timeout: request.timeoutMs ?? options.timeoutMs ?? 20_000,
      maxContentLength: options.maxAnswerBytes ?? 5 * 1024 * 1024,
      ...(data === undefined ? {} : { data }),
    }),
  );
  const answer = toAnswer(response, request.what);
  const accepted = (answer.status >= 200 && answer.status < 300) || request.accept?.includes(answer.status);
  if (!accepted) throw fromHttpResponse(answer, request.what, clock.now());
  return answer;
}

/** Always below the base address, whatever the path looks like. */
function addressOf(baseUrl: string, { path, query }: HttpRequest): string {
  const address = path === "" ? baseUrl : `${baseUrl.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
  if (!query || Object.keys(query).length === 0) return address;
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return `${address}${address.includes("?") ? "&" : "?"}${parameters}`;
}

function bodyOf(request: HttpRequest): { data?: unknown; headers: Record<string, string> } {
  if (request.form) return formBody(request.form);
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
  options: HttpClientOptions & { dispatcher: Dispatcher },
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
  const ends = performance.now() + timeoutMs;
  const headers = { ...options.headers, ...request.headers };
  const { dispatcher } = options;
  const first = await openStream(target, what, { base, dispatcher, headers, ends });
  const next = redirectTarget(first.status, flatHeaders(first)["location"], {
    from: target,
    hosts: request.redirectHosts ?? [],
  });
  if (!next) return toDownload(first, what, clock);
  first.data.destroy();
  const second = await openStream(next, what, { base, dispatcher: closedAfterUse, headers: {}, ends });
  return toDownload(second, what, clock);
}

/** `dispatcher` is for the configured host; `ends` as of `performance.now()`. */
async function openStream(
  url: URL,
  what: string,
  how: { base: URL; dispatcher: Dispatcher; headers: Record<string, string>; ends: number },
): Promise<AxiosResponse<Readable>> {
  const { base, dispatcher, headers, ends } = how;
  const reach = url.hostname === base.hostname ? "configured" : "elsewhere";
  const instance = axiosOver(reach === "configured" ? dispatcher : elsewhere, headers);
  return attempt(what, reach, () =>
    instance.get<Readable>(url.href, {
      responseType: "stream",
      timeout: Math.max(1, ends - performance.now()),
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
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  NOT_CONNECTED,
]);

async function attempt<T>(what: string, reach: Reach, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
    if (code === ADDRESS_NOT_ALLOWED) throw addressNotAllowed(what, reach);
    const kind = NEVER_SENT.has(code) ? "unavailable" : "ambiguous";
    // The error itself is dropped on purpose: it may carry headers and bodies, i.e. secrets and personal data.
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
