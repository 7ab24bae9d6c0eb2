import { createServer } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FaultProxy, startFaultProxy } from "../../scripts/faults/proxy.ts";
import { until } from "../support/until.ts";

let asked: string[];
let proxy: FaultProxy;
let closeServer: () => void;
let target: number | undefined;

beforeEach(async () => {
  asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("0123456789".repeat(10));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  target = typeof address === "object" && address ? address.port : 0;
  closeServer = () => {
    server.closeAllConnections();
    server.close();
  };
  proxy = await startFaultProxy({ target: () => target, random: () => 0.5 });
});
afterEach(async () => {
  await proxy.stop();
  closeServer();
});

const ask = async (path = "/") => {
  const answer = await fetch(`http://127.0.0.1:${proxy.port}${path}`, { signal: AbortSignal.timeout(5000) });
  return answer.text();
};

/** Milliseconds that it took. */
async function timed(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

test("a proxy without faults passes everything on", async () => {
  expect(await ask("/a")).toHaveLength(100);
  expect(asked).toEqual(["/a"]);
  expect(proxy.accepted()).toBe(1);
});

test("latency and jitter come on top, each way", async () => {
  proxy.set({ latencyMs: 60, jitterMs: 40 });
  expect(await timed(() => ask())).toBeGreaterThanOrEqual(155);
});

test("a lost piece comes by the second try", async () => {
  proxy.set({ loss: 1 });
  expect(await timed(() => ask())).toBeGreaterThanOrEqual(395);
});

test("silence: accepted, nothing said; afterwards it goes on", async () => {
  proxy.set({ silent: true });
  const answer = ask("/waits");
  await until("the connection", () => proxy.accepted() === 1);
  expect(asked).toEqual([]);
  proxy.set({});
  expect(await answer).toHaveLength(100);
});

test("silence also falls upon connections that are open", async () => {
  await ask("/first");
  proxy.set({ silent: true });
  const answer = ask("/second");
  const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, "nothing"))]);
  expect(first).toBe("nothing");
  expect(asked).toEqual(["/first"]);
  proxy.set({});
  expect(await answer).toHaveLength(100);
});

test("refused connections never reach the server", async () => {
  proxy.set({ refuse: true });
  await expect(ask()).rejects.toThrow("fetch failed");
  target = undefined;
  proxy.set({});
  await expect(ask()).rejects.toThrow("fetch failed");
  expect(asked).toEqual([]);
});

test("an answer drips", async () => {
  proxy.set({ drip: { bytes: 50, everyMs: 30 } });
  expect(await timed(() => ask())).toBeGreaterThanOrEqual(85);
});

test("an answer breaks off after n bytes", async () => {
  proxy.set({ cutAfter: 20 });
  const got = await new Promise<Buffer>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(proxy.port, "127.0.0.1", () => socket.write("GET /cut HTTP/1.0\r\n\r\n"));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(chunks)));
  });
  expect(got.toString()).toBe("HTTP/1.1 200 OK\r\nDat");
  expect(asked).toEqual(["/cut"]);
});

test("a cut after the request was forwarded: it has its effect, and the caller does not learn so", async () => {
  proxy.set({ cutAnswers: 1 });
  await expect(ask("/done")).rejects.toThrow("fetch failed");
  expect(asked).toEqual(["/done"]);
  expect(proxy.cuts()).toBe(1);
});

test("open connections are reset", async () => {
  proxy.set({ silent: true });
  const answer = ask();
  await until("the connection", () => proxy.accepted() === 1);
  proxy.resetAll();
  await expect(answer).rejects.toThrow("fetch failed");
});
