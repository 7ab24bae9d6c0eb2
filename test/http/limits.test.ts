import { EventEmitter, once } from "node:events";
import { request as httpRequest } from "node:http";
import net, { type AddressInfo } from "node:net";
import { Router } from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { createHttpApp, limitedServer } from "../../src/http/server.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { until } from "../support/until.ts";
import { messageBody, setUpHttp, signature } from "./http-setup.ts";

const CHANNEL = "/webhooks/channels/city";
const MOST_BYTES = 4 * 1024 * 1024;

/** What the server says to these bytes, until it hangs up or `ms` have passed. */
function talk(
  port: number,
  bytes: string,
  ms = 3000,
): Promise<{ text: string; closed: boolean; after: number }> {
  return new Promise((resolve) => {
    const begun = performance.now();
    let text = "";
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed, after: performance.now() - begun });
    };
    const socket = net.connect(port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => finish(false), ms);
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("close", () => finish(true));
    socket.on("error", () => finish(true));
  });
}

/** Posts in chunks without telling the length. */
function postChunks(port: number, chunks: Buffer[], headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { port, host: "127.0.0.1", path: CHANNEL, method: "POST", headers },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    outgoing.on("error", reject);
    for (const chunk of chunks) outgoing.write(chunk);
    outgoing.end();
  });
}

describe("limits of the server", () => {
  it("are set on the server itself", () => {
    const server = limitedServer(() => undefined);
    expect(server).toMatchObject({
      headersTimeout: 5000,
      requestTimeout: 15_000,
      keepAliveTimeout: 65_000,
      maxConnections: 1000,
    });
  });

  it("S09: a client that sends its headers slowly is cut off within 6 s", async () => {
    const { port } = await setUpHttp().start();
    const { closed, after, text } = await talk(port, "POST / HTTP/1.1\r\nHost: x\r\nX-Slow:", 9000);
    expect(closed).toBe(true);
    expect(after).toBeLessThan(6500);
    expect(text).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  describe("that Node does not have", () => {
    async function startImpatient() {
      const router = Router();
      router.get("/small", (_request, response) => void response.send("small"));
      router.get("/large", (_request, response) => void response.send(Buffer.alloc(40 * 1024 * 1024)));
      router.get("/late", (_request, response) => {
        setTimeout(() => response.send("late"), 900).unref();
      });
      const app = createHttpApp(router, {}, createLogger("silent"));
      const server = limitedServer(app, { idleMs: 1200, answerMs: 1500 });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      onTestFinished(() => void server.close().closeAllConnections());
      const open = () =>
        new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
      return { port: (server.address() as AddressInfo).port, open };
    }
    const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

    it("S09: empty lines between requests keep no connection open", async () => {
      const { port, open } = await startImpatient();
      const socket = net.connect(port, "127.0.0.1", () => socket.write(ask("/small"))).resume();
      socket.on("error", () => undefined);
      const dripping = setInterval(() => socket.write("\r\n"), 100);
      onTestFinished(() => clearInterval(dripping));
      // Not `once` of node:events: a write on its way when we are cut off makes an error of it.
      await new Promise((resolve) => socket.once("close", resolve));
      expect(await open()).toBe(0);
    });

    it("S09: a client that never reads its answer is cut off", async () => {
      const { port, open } = await startImpatient();
      const socket = net.connect(port, "127.0.0.1", () => socket.write(ask("/large"))).pause();
      socket.on("error", () => undefined);
      onTestFinished(() => void socket.destroy());
      await until("the connection", async () => (await open()) === 1);
      await until("its end", async () => (await open()) === 0);
    });

    it("end no connection that goes on asking, nor one that waits for its answer", async () => {
      const { port } = await startImpatient();
      const socket = net.connect(port, "127.0.0.1");
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString();
      });
      for (let asked = 1; asked <= 3; asked++) {
        socket.write(ask("/late"));
        await until("the answer", () => text.split("late").length - 1 === asked);
      }
      expect(socket.closed).toBe(false);
      socket.destroy();
    });
  });

  it.each([
    [
      "headers of more than 8 KiB",
      `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${"a".repeat(9000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
    [
      "a length and chunks at once",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      /^HTTP\/1\.1 400 /,
    ],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      /^HTTP\/1\.1 400 /,
    ],
    ["a folded header", "GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n 2\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["bare line feeds", "GET / HTTP/1.1\nHost: x\n\n", /^HTTP\/1\.1 400 /],
    ["no host", "GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
  ])("S10: %s end the connection", async (_name, bytes, expected) => {
    const { port } = await setUpHttp().start();
    const { text, closed } = await talk(port, bytes);
    expect(text).toMatch(expected);
    expect(closed).toBe(true);
  });
});

describe("the size of a body", () => {
  it("of 3 MB, Meta's most, is taken, told or chunked", async () => {
    const setup = setUpHttp();
    const { port } = await setup.start();
    const body = messageBody("x".repeat(3_000_000));
    const headers = { "X-Hub-Signature-256": signature(body) };
    const told = await fetch(`http://127.0.0.1:${port}${CHANNEL}`, { method: "POST", body, headers });
    expect(told.status).toBe(200);
    const bytes = Buffer.from(body);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 60_000) }, (_, n) =>
      bytes.subarray(n * 60_000, (n + 1) * 60_000),
    );
    expect(await postChunks(port, chunks, headers)).toBe(200);
    expect(setup.taken).toHaveLength(2);
  });

  it("of exactly 4 MiB is taken, one byte more is 413 and ends the connection", async () => {
    const setup = setUpHttp();
    const { port } = await setup.start();
    const whole = Buffer.alloc(MOST_BYTES, "a");
    const headers = { "X-Hub-Signature-256": signature(whole) };
    expect(await postChunks(port, [whole], headers)).toBe(200);
    expect(await postChunks(port, [whole, Buffer.from("a")], headers)).toBe(413);
    expect(setup.parsed).toHaveLength(1);
  });

  it("that is announced as too large is refused before it is sent", async () => {
    const { port } = await setUpHttp().start();
    const head = `POST ${CHANNEL} HTTP/1.1\r\nHost: x\r\nContent-Length: ${MOST_BYTES + 1}\r\n\r\n`;
    const { text, closed } = await talk(port, head);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(closed).toBe(true);
  });

  it("that never comes to its end leaves no trace: nobody waits for an answer", async () => {
    const setup = setUpHttp();
    const { port } = await setup.start();
    const socket = net.connect(port, "127.0.0.1");
    const head = `POST ${CHANNEL} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n`;
    socket.write(`${head}{"half":`);
    const [invitation] = await once(socket, "data");
    expect(String(invitation)).toMatch(/^HTTP\/1\.1 100 /);
    socket.destroy();
    for (let later = 0; later < 3; later++) {
      expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    }
    expect(setup.log).toEqual([]);
    expect(setup.parsed).toEqual([]);
  });
});

describe("closing the server", () => {
  it("waits for the request under way, but not for connections kept alive", async () => {
    const gate = new EventEmitter();
    const held = once(gate, "open");
    let asked = false;
    const setup = setUpHttp(async () => {
      asked = true;
      await held;
      return [];
    });
    const server = await setup.start();
    await fetch(`http://127.0.0.1:${server.port}/health/live`);
    const slow = fetch(`http://127.0.0.1:${server.port}/health/ready`);
    await until("the request to arrive", () => asked);
    let isClosed = false;
    const closing = server.close().then(() => {
      isClosed = true;
    });
    await expect(fetch(`http://127.0.0.1:${server.port}/health/live`)).rejects.toThrow();
    expect(isClosed).toBe(false);
    gate.emit("open");
    expect((await slow).status).toBe(200);
    const begun = performance.now();
    await closing;
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
