import {
  createTokenSource,
  type DownloadRequest,
  type HttpClient,
  type HttpRequest,
  type Tools,
  withToken,
} from "deskferry/sdk";
import type { AuthSettings } from "./auth-settings.ts";
import type { Settings } from "./settings.ts";

/** The HTTP client of a connection, which shows who we are with every request. */
export function createAuthorised(settings: Settings, tools: Tools): HttpClient {
  const { auth, url, timeoutSeconds } = settings;
  const timeoutMs = timeoutSeconds * 1000;
  const { clientCertificate, oauth2 } = auth;
  const http = tools.http({
    baseUrl: url,
    timeoutMs,
    headers: { Accept: "application/json", ...settings.headers, ...fixedHeader(auth) },
    ...(clientCertificate ? { clientCertificate } : {}),
  });
  const keyed = withKey(http, auth);
  return oauth2 ? withToken(keyed, createTokenSource(oauth2, tools, timeoutMs)) : keyed;
}

function fixedHeader({ basic, bearer, apiKey }: AuthSettings): Record<string, string> {
  if (basic) {
    const credentials = Buffer.from(`${basic.username}:${basic.password}`).toString("base64");
    return { Authorization: `Basic ${credentials}` };
  }
  if (bearer) return { Authorization: `Bearer ${bearer.token}` };
  return apiKey?.header ? { [apiKey.header]: `${apiKey.prefix}${apiKey.value}` } : {};
}

function withKey(http: HttpClient, { apiKey }: AuthSettings): HttpClient {
  const name = apiKey?.query;
  if (!apiKey || name === undefined) return http;
  return {
    request: (request: HttpRequest) =>
      http.request({ ...request, query: { ...request.query, [name]: apiKey.value } }),
    download: (request: DownloadRequest) => {
      const url = new URL(request.url);
      url.searchParams.set(name, apiKey.value);
      return http.download({ ...request, url: url.href });
    },
  };
}
