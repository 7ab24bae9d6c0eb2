import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Fault, type FaultProxy, startFaultProxy } from "../../src/sdk/testing/fault-proxy.ts";

interface Seen {
  method: string | undefined;
  url: string | undefined;
  host: string | undefined;
  mark: string | string[] | undefined;
  body: string;
}

async function startEcho(text: string) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      const body = Buffer.concat(chunks).toString();
      seen.push({ method, url, host: headers.host, mark: headers["x-mark"], body });
      response.writeHead(201, { "x-answer": "yes", "content-length": text.length });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    seen,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

let server: Awaited<ReturnType<typeof startEcho>>;
let proxy: FaultProxy;
beforeEach(async () => {
  server = await startEcho("12345678");
  proxy = await startFaultProxy(`http://${server.host}/base/`);
});
afterEach(async () => {
  await proxy.stop();
  await server.stop();
});

const ask = (timeoutMs = 5_000) =>
  fetch(`${proxy.url}/x?y=1`, {
    method: "POST",
    body: "words",
    headers: { "x-mark": "m" },
    signal: AbortSignal.timeout(timeoutMs),
  });
const askWith = (fault: Fault, timeoutMs?: number) => {
  proxy.set(() => fault);
  return ask(timeoutMs);
};

describe("the proxy in front of a server under test", () => {
  it("hands requests on and answers back as they are, below the server's path", async () => {
    const answer = await ask();
    expect([answer.status, answer.headers.get("x-answer"), await answer.text()]).toEqual([
      201,
      "yes",
      "12345678",
    ]);
    expect(server.seen).toEqual([
      { method: "POST", url: "/base/x?y=1", host: server.host, mark: "m", body: "words" },
    ]);
    expect(proxy.passed).toMatchObject([{ method: "POST", path: "/base/x?y=1", headers: { "x-mark": "m" } }]);
    expect(proxy.passed[0]?.body.toString()).toBe("words");
  });

  it.each([
    [false, 0],
    [true, 1],
  ])("answers in place of the server, which worked: %s", async (after, worked) => {
    const answer = await askWith({
      kind: "answer",
      status: 418,
      headers: { "x-a": "b" },
      body: "tea",
      after,
    });
    expect([answer.status, answer.headers.get("x-a"), await answer.text()]).toEqual([418, "b", "tea"]);
    expect(server.seen).toHaveLength(worked);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])("breaks the connection, when the server worked: %s", async (after, worked) => {
    await expect(askWith({ kind: "reset", after })).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(server.seen).toHaveLength(worked);
  });

  it("never answers, and the server never hears of it", async () => {
    await expect(askWith({ kind: "silence" }, 100)).rejects.toThrow("timeout");
    expect(server.seen).toEqual([]);
  });

  it("lets go of those who wait when the faults change", async () => {
    const waiting = askWith({ kind: "silence" }).catch((error: Error) => error.message);
    await expect.poll(() => proxy.passed.length).toBe(1);
    proxy.clear();
    expect(await waiting).toBe("fetch failed");
  });

  it("sends half of an answer and breaks off", async () => {
    const answer = await askWith({ kind: "half", ends: "reset" });
    expect(answer.headers.get("content-length")).toBe("8");
    await expect(answer.text()).rejects.toThrow("terminated");
    expect(server.seen).toHaveLength(1);
  });

  it("sends half of an answer and nothing more", async () => {
    const answer = await askWith({ kind: "half", ends: "silence" }, 300);
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("1234");
    await expect(reader?.read()).rejects.toThrow("timeout");
  });

  it("ends half an answer when the faults change", async () => {
    const answer = await askWith({ kind: "half", ends: "silence" });
    proxy.clear();
    await expect(answer.text()).rejects.toThrow("terminated");
  });

  it("announces a byte where the answer has none", async () => {
    const empty = await startEcho("");
    const before = await startFaultProxy(`http://${empty.host}`);
    before.set(() => ({ kind: "half", ends: "silence" }));
    const answer = await fetch(before.url);
    expect(answer.headers.get("content-length")).toBe("1");
    await Promise.allSettled([before.stop(), answer.text()]);
    await empty.stop();
  });

  it("counts requests from nought, anew with each plan", async () => {
    const plan = (index: number): Fault | undefined =>
      index === 1 ? { kind: "answer", status: 500 } : undefined;
    for (let round = 0; round < 2; round += 1) {
      proxy.set(plan);
      const statuses = [(await ask()).status, (await ask()).status, (await ask()).status];
      expect(statuses).toEqual([201, 500, 201]);
      expect(proxy.passed).toHaveLength(3);
    }
    proxy.clear();
    expect(proxy.passed).toEqual([]);
    expect((await ask()).status).toBe(201);
  });

  it("breaks the connection when the server is not there", async () => {
    await server.stop();
    await expect(ask()).rejects.toThrow("fetch failed");
  });
});
