import { createServer, get, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Listening, listen } from "../../src/sandbox/listen.ts";
import { proxy } from "../../src/sandbox/proxy.ts";

let behind: Server;
let front: Listening;
const seen: { line: string; headers: Record<string, unknown>; body: string }[] = [];
const closed: string[] = [];

beforeEach(async () => {
  behind = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    response.on("close", () => closed.push(String(request.url)));
    response.writeHead(request.url?.includes("teapot") ? 418 : 200, {
      "Content-Type": "text/plain",
      "Cache-Control": "no-store",
      "X-Secret": "s",
    });
    if (request.url === "/base/broken") response.write("half", () => response.destroy());
    else if (request.url === "/base/open") response.write("open");
    else response.end("hi");
  });
  await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
  const app = express();
  const target = `http://127.0.0.1:${(behind.address() as AddressInfo).port}/base`;
  const allowed = [
    "GET /things",
    "GET /media/*",
    "GET /attachments/*",
    "POST /a/*/b",
    "GET /broken",
    "GET /open",
  ];
  app.use("/at", proxy(target, allowed));
  app.use((_request, response) => void response.status(404).send("no"));
  front = await listen(app);
});
afterEach(async () => {
  await front.stop();
  behind.closeAllConnections();
  behind.close();
  seen.length = 0;
  closed.length = 0;
});

test("a request goes on with its query, its body and the headers that matter, no others", async () => {
  const headers = {
    "Content-Type": "text/x",
    "Last-Event-ID": "7",
    Accept: "text/y",
    Authorization: "secret",
  };
  const answer = await fetch(`${front.url}/at/a/1/b?c=2`, { method: "POST", body: "words", headers });
  expect([answer.status, await answer.text()]).toEqual([200, "hi"]);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({
    line: "POST /base/a/1/b?c=2",
    body: "words",
    headers: { "content-type": "text/x", "content-length": "5", "last-event-id": "7", accept: "text/y" },
  });
  expect(Object.keys(seen[0]?.headers ?? {}).sort()).toEqual(
    ["accept", "connection", "content-length", "content-type", "host", "last-event-id"].sort(),
  );
  expect([answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual([
    "text/plain",
    "no-store",
  ]);
  expect(answer.headers.has("x-secret")).toBe(false);
});

test.each([
  ["GET", "/things", 200],
  ["HEAD", "/things", 200],
  ["POST", "/things", 404],
  ["GET", "/things/1", 404],
  ["GET", "/more/things", 404],
  ["GET", "/thingsX", 404],
  ["GET", "/media/1", 200],
  ["GET", "/media/1/2", 404],
  ["GET", "/media/", 404],
  ["GET", "/media/teapot", 418],
  ["POST", "/a/1/b", 200],
  ["POST", "/a/1", 404],
])("%s %s is answered with %i", async (method, path, status) => {
  expect((await fetch(`${front.url}/at${path}`, { method })).status).toBe(status);
  expect(seen).toHaveLength(status === 404 ? 0 : 1);
});

test.each([
  ["/media/1", "sandbox"],
  ["/attachments/1", "sandbox"],
  ["/things", null],
])("an answer from %s has the policy %s", async (path, policy) => {
  expect((await fetch(`${front.url}/at${path}`)).headers.get("content-security-policy")).toBe(policy);
});

test("a server that is gone is told; one that breaks off breaks the answer off", async () => {
  const broken = await new Promise<string>((resolve) => {
    get(`${front.url}/at/broken`, (answer) => {
      answer.resume();
      answer.on("error", (error) => resolve(error.message));
      answer.on("end", () => resolve("whole"));
    });
  });
  expect(broken).toBe("aborted");
  behind.closeAllConnections();
  await new Promise((resolve) => behind.close(resolve));
  const answer = await fetch(`${front.url}/at/things`);
  expect([answer.status, await answer.json()]).toEqual([
    502,
    { error: "the sandbox server does not answer" },
  ]);
});

test("a page that leaves ends the request behind", async () => {
  const asked = request(`${front.url}/at/open`, (answer) => {
    answer.once("data", () => asked.destroy());
    answer.on("error", () => undefined);
  });
  asked.on("error", () => undefined);
  asked.end();
  await expect.poll(() => closed).toEqual(["/base/open"]);
});
