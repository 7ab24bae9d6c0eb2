import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { TraceEntry } from "../../src/domain/trace.ts";
import { createTraceFeed } from "../../src/sandbox/trace-feed.ts";
import {
  type AttemptResult,
  createWebhookSender,
  type WebhookSender,
} from "../../src/sandbox/webhook-sender.ts";

/** Posts once with `onAttempt` told; what the attempts ended as. */
async function post(sender: WebhookSender, url: string, onAttempt?: () => void) {
  const results: AttemptResult[] = [];
  const accepted = await sender.post({
    url,
    body: Buffer.from("{}"),
    headers: () => ({}),
    onAttempt(result) {
      results.push(result);
      onAttempt?.();
    },
  });
  return { accepted, results };
}

async function silentServer() {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("P32: a callback that keeps silent is given up after the time limit, with the reason", async () => {
  const server = await silentServer();
  const sender = createWebhookSender({ retryDelaysMs: [1], timeoutMs: 30, connections: 1 });
  const { accepted, results } = await post(sender, `http://127.0.0.1:${server.port}/hook`);
  sender.stop();
  server.stop();
  expect(accepted).toBe(false);
  expect(results).toEqual([
    { attempt: 1, error: "no answer in time" },
    { attempt: 2, error: "no answer in time" },
  ]);
});

test("a callback by https that does not speak it is no acceptance", async () => {
  const server = await silentServer();
  const sender = createWebhookSender({ retryDelaysMs: [], timeoutMs: 2000, connections: 1 });
  const { accepted, results } = await post(sender, `https://127.0.0.1:${server.port}/hook`);
  sender.stop();
  server.stop();
  expect(accepted).toBe(false);
  expect(results).toEqual([{ attempt: 1, error: expect.any(String) }]);
});

test("a sender that is stopped waits for no further attempt", async () => {
  const server = await silentServer();
  server.stop();
  const sender = createWebhookSender({ retryDelaysMs: [60_000], timeoutMs: 2000, connections: 1 });
  const url = `http://127.0.0.1:${server.port}/hook`;
  const { accepted, results } = await post(sender, url, () => sender.stop());
  expect([accepted, results.length, sender.pending()]).toEqual([false, 1, 0]);
});

function entry(event: number): TraceEntry {
  const at = "2026-11-21T10:00:00.000Z";
  return { at, event: String(event), channel: "city", person: "a1", step: "accepted", detail: {} };
}

test("a page that opens late is shown the last 2,000 entries of the trace", async () => {
  const feed = createTraceFeed(async function* () {
    for (let index = 1; index <= 2001; index += 1) yield entry(index);
  });
  await feed.reading;
  const shown = feed.source.replay(0);
  expect([shown.length, shown[0]?.id, shown.at(-1)?.id]).toEqual([2000, 2, 2001]);
});

test("a page server that is stopped reads no further trace", async () => {
  let read = 0;
  const feed = createTraceFeed(async function* () {
    for (;;) {
      read += 1;
      yield entry(read);
      if (read === 2) feed.stop();
    }
  });
  await feed.reading;
  expect([read, feed.source.replay(0).length]).toEqual([3, 2]);
});
