import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  type AttemptResult,
  createWebhookSender,
  type WebhookSender,
} from "../../src/sandbox/webhook-sender.ts";

interface Seen {
  method: string | undefined;
  headers: Record<string, unknown>;
  body: string;
}

let server: Server | undefined;
let sender: WebhookSender | undefined;
afterEach(() => {
  sender?.stop();
  server?.closeAllConnections();
  server?.close();
});

/** A callback that answers with each status in turn, then with 200; it can hold its answers back. */
async function callback(...statuses: number[]) {
  const seen: Seen[] = [];
  const held: (() => void)[] = [];
  const state = { holds: false, sockets: new Set<unknown>(), held };
  const made = createServer(async (request, response) => {
    state.sockets.add(request.socket);
    let body = "";
    for await (const part of request) body += String(part);
    seen.push({ method: request.method, headers: request.headers, body });
    const answer = () => response.writeHead(statuses.shift() ?? 200).end("thanks");
    if (state.holds) held.push(answer);
    else answer();
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}/hook?a=1`;
  return { url, seen, state };
}

function posting(url: string, options: { retryDelaysMs?: number[]; connections?: number } = {}) {
  const made = createWebhookSender({ retryDelaysMs: [], timeoutMs: 5000, connections: 8, ...options });
  sender = made;
  const results: AttemptResult[] = [];
  let signed = 0;
  const post = (body = "{}") =>
    made.post({
      url,
      body: Buffer.from(body),
      headers: () => {
        signed += 1;
        return { "X-Signature": String(signed) };
      },
      onAttempt: (result) => results.push(result),
    });
  return { sender: made, results, post };
}

test("a webhook is a POST of just these bytes, with its headers, and 200 is enough", async () => {
  const { url, seen } = await callback();
  const { post, results } = posting(url, { retryDelaysMs: [1] });
  expect(await post("é!")).toBe(true);
  expect(results).toEqual([{ attempt: 1, status: 200 }]);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({
    method: "POST",
    body: "é!",
    headers: { "content-length": "3", "x-signature": "1" },
  });
});

test.each([201, 204, 301, 400, 503])(
  "an answer of %i is no acceptance; the next attempt is signed anew",
  async (status) => {
    const { url, seen } = await callback(status);
    const { post, results } = posting(url, { retryDelaysMs: [1] });
    expect(await post()).toBe(true);
    expect(results).toEqual([
      { attempt: 1, status },
      { attempt: 2, status: 200 },
    ]);
    expect(seen.map(({ headers }) => headers["x-signature"])).toEqual(["1", "2"]);
  },
);

test("a webhook is given up when its waiting times are used up", async () => {
  const { url } = await callback(500, 501, 502, 503);
  const { post, results } = posting(url, { retryDelaysMs: [1, 0] });
  expect(await post()).toBe(false);
  expect(results.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 500],
    [2, 501],
    [3, 502],
  ]);
});

test("a callback that is not there is told by its code", async () => {
  const { url } = await callback();
  await new Promise((resolve) => server?.close(resolve));
  const { post, results } = posting(url);
  expect([await post(), results]).toEqual([false, [{ attempt: 1, error: "ECONNREFUSED" }]]);
});

test("what is on its way is counted until it is answered, and no more go at once than told", async () => {
  const { url, seen, state } = await callback();
  state.holds = true;
  const { sender: made, post } = posting(url, { connections: 2 });
  const all = [post(), post(), post()];
  await expect.poll(() => state.held.length).toBe(2);
  expect([made.pending(), seen.length]).toEqual([3, 2]);
  state.holds = false;
  for (const answer of state.held) answer();
  expect(await Promise.all(all)).toEqual([true, true, true]);
  expect([made.pending(), state.sockets.size]).toEqual([0, 2]);
});

test("a webhook that is stopped on its way is neither noted nor tried again", async () => {
  const { url, state } = await callback();
  state.holds = true;
  const { sender: made, post, results } = posting(url, { retryDelaysMs: [1] });
  const posted = post();
  await expect.poll(() => state.held.length).toBe(1);
  made.stop();
  expect([await posted, results, made.pending()]).toEqual([false, [], 0]);
});

test("a webhook that waits for its next attempt waits no more when all is stopped", async () => {
  const { url } = await callback(500);
  const { sender: made, post, results } = posting(url, { retryDelaysMs: [60_000] });
  const posted = post();
  await expect.poll(() => results.length).toBe(1);
  made.stop();
  expect(await posted).toBe(false);
});
