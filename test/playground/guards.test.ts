import type { Request, RequestHandler, Response } from "express";
import { expect, test } from "vitest";
import {
  refuseOtherHosts,
  refuseOtherSites,
  requireToken,
  secureHeaders,
} from "../../src/playground/guards.ts";

const HOST = "127.0.0.1:4711";

/** What the guard says; "in" when the request may go on. */
function pass(guard: RequestHandler, headers: Record<string, string> = {}, method = "GET") {
  const all: Record<string, string> = { host: HOST, ...headers };
  const request = {
    headers: all,
    method,
    socket: { localPort: 4711 },
    get: (name: string) => all[name],
  } as unknown as Request;
  let said = "nothing";
  try {
    guard(request, {} as Response, () => {
      said = "in";
    });
  } catch (error) {
    said = `${Object(error).status} ${Object(error).message}`;
  }
  return said;
}

const address = "403 Open the playground by the address that it printed.";
const alone = "403 Only the playground's own page may ask.";
const token = "403 Open the playground by the whole address that it printed, with its token.";

test.each([
  ["127.0.0.1:4711", "in"],
  ["localhost:4711", "in"],
  ["127.0.0.1:4712", address],
  ["localhost", address],
  ["evil.example:4711", address],
])("a request for the host %s: %s", (host, said) => {
  expect(pass(refuseOtherHosts, { host })).toBe(said);
});

const navigates = { "sec-fetch-mode": "navigate" };

test.each<[method: string, headers: Record<string, string>, said: string]>([
  ["GET", {}, "in"],
  ["POST", {}, "in"],
  ["POST", { origin: `http://${HOST}`, "sec-fetch-site": "same-origin" }, "in"],
  ["GET", { "sec-fetch-site": "none" }, "in"],
  ["POST", { "sec-fetch-site": "none" }, alone],
  ["POST", { origin: `https://${HOST}` }, alone],
  ["POST", { origin: "http://evil.example", "sec-fetch-site": "same-origin" }, alone],
  ["GET", { "sec-fetch-site": "cross-site" }, alone],
  ["GET", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }, alone],
  ["GET", { "sec-fetch-site": "cross-site", ...navigates }, "in"],
  ["POST", { "sec-fetch-site": "cross-site", ...navigates }, alone],
])("a %s with %j: %s", (method, headers, said) => {
  expect(pass(refuseOtherSites, headers, method)).toBe(said);
});

test.each([
  ["secret", "in"],
  ["secreT", token],
  ["secret2", token],
  ["", token],
  [undefined, token],
  [["secret"], token],
])("the token %j: %s", (given, said) => {
  expect(pass(requireToken("secret", () => given))).toBe(said);
});

test("the page may use nothing from elsewhere, and is not told to come by https", () => {
  const set = new Map<string, string>();
  const response = {
    setHeader: (name: string, value: string) => set.set(name.toLowerCase(), value),
    removeHeader: () => undefined,
  };
  secureHeaders("abc")({} as Request, response as unknown as Response, () => undefined);
  expect(set.get("content-security-policy")?.split(";")).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'nonce-abc'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
  expect(set.has("strict-transport-security")).toBe(false);
});
