import { get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Listening } from "../../src/sandbox/listen.ts";
import { createPageServer } from "../../src/sandbox/page-server.ts";

let pages: Listening;
let signal: AbortSignal | undefined;
beforeAll(async () => {
  pages = await createPageServer({
    graphUrl: "http://127.0.0.1:1",
    deskUrl: "http://127.0.0.1:1",
    connection: "desk",
    async *readTrace(stopping) {
      signal = stopping;
      yield* [];
      throw new Error("the trace breaks");
    },
  });
});
afterAll(() => pages.stop());

/** With headers that fetch would not let through. */
function statusOf(
  path: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${pages.url}${path}`, { headers, method }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on("error", reject);
  });
}

test("the page is told the name of the connection, under a policy that lets nothing else in", async () => {
  const answer = await fetch(`${pages.url}/settings`);
  expect(await answer.json()).toEqual({ connection: "desk" });
  expect(answer.headers.get("content-security-policy")?.split(";")).toEqual([
    "default-src 'self'",
    "img-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]);
  expect(answer.headers.has("strict-transport-security")).toBe(false);
  expect(answer.headers.has("x-powered-by")).toBe(false);
});

const navigate = { "sec-fetch-mode": "navigate" };

test.each([
  [{}, "GET", 200],
  [{ "sec-fetch-site": "same-origin" }, "GET", 200],
  [{ "sec-fetch-site": "none" }, "GET", 200],
  [{ "sec-fetch-site": "same-site" }, "GET", 403],
  [{ "sec-fetch-site": "cross-site" }, "GET", 403],
  [{ "sec-fetch-site": "cross-site", ...navigate }, "GET", 200],
  [{ "sec-fetch-site": "cross-site", ...navigate }, "POST", 403],
])("a request with %j by %s is answered with %i", async (headers, method, status) => {
  expect(await statusOf("/settings", headers as Record<string, string>, method)).toBe(status);
});

test.each([
  ["GET", "/graph/events"],
  ["GET", "/graph/numbers"],
  ["GET", "/graph/media/1"],
  ["POST", "/graph/messages"],
  ["POST", "/graph/clock"],
  ["GET", "/desk/events"],
  ["GET", "/desk/attachments/1"],
  ["PATCH", "/desk/tickets/1"],
  ["POST", "/desk/tickets/1/comments"],
])("%s %s is passed on", async (method, path) => {
  const answer = await fetch(`${pages.url}${path}`, { method });
  expect([answer.status, await answer.json()]).toEqual([
    502,
    { error: "the sandbox server does not answer" },
  ]);
});

test("a page server that is stopped reads no more of the trace", async () => {
  expect(signal?.aborted).toBe(false);
  await pages.stop();
  expect(signal?.aborted).toBe(true);
  await expect(fetch(pages.url)).rejects.toThrow();
});
