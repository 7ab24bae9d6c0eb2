import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type LookupFunction,
  type Socket,
} from "node:net";
import { Readable } from "node:stream";
import { Axios } from "axios";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { guardedDispatcher } from "../../src/sdk/address-guard.ts";
import { createHttpClient, type HttpClientOptions } from "../../src/sdk/index.ts";
import { NOT_CONNECTED, undiciAdapter } from "../../src/sdk/undici-adapter.ts";
import { createClock } from "../support/clock.ts";
import { failureOf } from "../support/failure-of.ts";

/** A server on loopback, with every request and every socket that it saw. */
async function startServer(answer: RequestListener) {
  const seen: { requests: IncomingMessage[]; sockets: Socket[] } = { requests: [], sockets: [] };
  const server = createServer((request, response) => {
    seen.requests.push(request);
    answer(request, response);
  });
  server.on("connection", (socket) => void seen.sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { ...seen, port, baseUrl: `http://127.0.0.1:${port}` };
}

const clientOf = (baseUrl: string, options: Partial<HttpClientOptions> = {}) =>
  createHttpClient({ baseUrl, ...options }, createClock());
const look = { method: "GET", path: "/", what: "look" } as const;

describe("the deadline of a call", () => {
  it("bounds a body that never ends, though each byte of it is in time", async () => {
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("x"), 5);
      response.on("close", () => clearInterval(drip));
    });
    const failure = await failureOf(clientOf(baseUrl, { timeoutMs: 100 }).request(look));
    expect(failure).toMatchObject({ kind: "ambiguous", code: "ETIMEDOUT" });
  });

  it("bounds an answer that never begins, and what the server then sends is nobody's", async () => {
    const { baseUrl, sockets } = await startServer(() => undefined);
    const failure = await failureOf(clientOf(baseUrl, { timeoutMs: 50 }).request(look));
    expect(failure).toMatchObject({ kind: "ambiguous", code: "ETIMEDOUT" });
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true));
  });

  it("that comes before there is a connection proves that nothing was sent, and nothing is sent later", async () => {
    const { port, requests, sockets } = await startServer((_, response) => void response.end());
    let found = () => {};
    const lookup: LookupFunction = (_name, { all }, callback) => {
      found = () => callback(null, all ? [{ address: "127.0.0.1", family: 4 }] : "127.0.0.1", 4);
    };
    const dispatcher = guardedDispatcher("configured", { keepAlive: true, lookup });
    const caller = new Axios({ adapter: undiciAdapter(dispatcher), timeout: 50 });
    const call = caller.post(`http://localhost:${port}/tickets`, "{}");
    await expect(call).rejects.toMatchObject({ code: NOT_CONNECTED });
    found();
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    // Another over the same connections comes after it, were it ever sent.
    await new Axios({ adapter: undiciAdapter(guardedDispatcher("configured", { keepAlive: false })) }).get(
      `http://127.0.0.1:${port}/after`,
    );
    expect(requests.map(({ url }) => url)).toEqual(["/after"]);
  });

  it("ends a download that stalls", async () => {
    const { baseUrl } = await startServer((_, response) => void response.writeHead(200).write("some"));
    const { body } = await clientOf(baseUrl).download({ url: baseUrl, what: "fetch", timeoutMs: 100 });
    await expect(body.toArray()).rejects.toMatchObject({ code: "ETIMEDOUT" });
  });
});

describe("connections", () => {
  it("are kept for the next call, or closed where the server wants that", async () => {
    const { baseUrl, requests, sockets } = await startServer((_, response) => void response.end("{}"));
    const kept = clientOf(baseUrl);
    for (let count = 0; count < 6; count++) await kept.request(look);
    // A socket rests for a turn of the event loop before it is used again.
    const before = sockets.length;
    expect(before).toBeLessThanOrEqual(2);
    const closed = clientOf(baseUrl, { keepAlive: false });
    await closed.request(look);
    await closed.request(look);
    expect(sockets).toHaveLength(before + 2);
    const told = requests.map(({ headers }) => headers.connection);
    expect(told).toEqual([...Array(6).fill("keep-alive"), "close", "close"]);
  });

  it("go to the server itself, whatever proxy the environment names", async () => {
    const proxy = await startServer((_, response) => void response.end("proxy"));
    const { baseUrl } = await startServer((_, response) => void response.end("desk"));
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
      vi.stubEnv(name, proxy.baseUrl);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await clientOf(baseUrl).request(look)).text).toBe("desk");
    expect(proxy.sockets).toEqual([]);
  });

  it("that carry no answer are ambiguous, those refused were never made", async () => {
    const { baseUrl } = await startServer((request) => void request.socket.destroy());
    expect(await failureOf(clientOf(baseUrl).request(look))).toMatchObject({ kind: "ambiguous" });
    const { port } = await new Promise<AddressInfo>((resolve) => {
      const gone = createServer().listen(0, "127.0.0.1", () => {
        const address = gone.address() as AddressInfo;
        gone.close(() => resolve(address));
      });
    });
    const failure = await failureOf(clientOf(`http://127.0.0.1:${port}`).request(look));
    expect(failure).toMatchObject({ kind: "unavailable", code: "ECONNREFUSED" });
  });

  it("do not follow a redirection", async () => {
    const { baseUrl, requests } = await startServer((_, response) => {
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    await failureOf(clientOf(baseUrl).request(look));
    expect(requests.map(({ url }) => url)).toEqual(["/"]);
  });
});

describe("addresses", () => {
  it.each([
    ["/tickets", "/tickets"],
    ["tickets?a=1", "/tickets?a=1&q=%C3%A4+b%26"],
    ["//evil.example/x", "/evil.example/x?q=%C3%A4+b%26"],
    ["http://evil.example/x", "/http://evil.example/x?q=%C3%A4+b%26"],
  ])("of %s stay below the base address", async (path, expected) => {
    const { baseUrl, requests } = await startServer((_, response) => void response.end("{}"));
    const query = path === "/tickets" ? {} : { query: { q: "ä b&" } };
    await clientOf(`${baseUrl}/base/`).request({ ...look, path, ...query });
    expect(requests[0]?.url).toBe(`/base${expected}`);
  });
});

describe("a file that is sent", () => {
  const fileOf = (open: () => Readable, size: number) => ({
    name: "a.bin",
    mimeType: "image/png",
    size,
    open,
  });
  const post = (baseUrl: string, open: () => Readable, size: number) =>
    clientOf(baseUrl).request({
      method: "POST",
      path: "/upload",
      form: [
        { name: "json", value: "{}", mimeType: "application/json" },
        { name: "file", file: fileOf(open, size) },
      ],
      what: "upload",
    });

  it("in a form has its length, also when it is empty", async () => {
    const bodies: Buffer[] = [];
    const { baseUrl, requests } = await startServer(async (request, response) => {
      bodies.push(Buffer.concat(await request.toArray()));
      response.end("{}");
    });
    const bytes = Buffer.alloc(300_000, 7);
    await post(baseUrl, () => Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]), 300_000);
    expect(requests[0]?.headers["content-length"]).toBe(String(bodies[0]?.length));
    expect(bodies[0]?.includes(bytes)).toBe(true);
    await post(baseUrl, () => Readable.from([]), 0);
    expect(bodies[1]?.toString()).toContain('filename="a.bin"');
  });

  it("and cannot be read is no success: the server is hung up on", async () => {
    let isWhole = false;
    const { baseUrl } = await startServer((request, response) => {
      request.resume().on("end", () => {
        isWhole = true;
        response.end("{}");
      });
    });
    const broken = () =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(1000);
          throw new Error("disk");
        })(),
      );
    expect(await failureOf(post(baseUrl, broken, 2000))).toMatchObject({ kind: "ambiguous" });
    expect(isWhole).toBe(false);
  });

  it("is closed when nobody takes it", async () => {
    const source = Readable.from([Buffer.alloc(10)]);
    const file = fileOf(() => source, 10);
    await failureOf(clientOf("http://127.0.0.1:1").request({ ...look, method: "PUT", file }));
    expect(source.destroyed).toBe(true);
  });
});

describe("a download", () => {
  it("is read no faster than it is taken, and is not packed", async () => {
    let written = 0;
    const { baseUrl, requests } = await startServer((_, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (written < 200 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    });
    const { body } = await clientOf(baseUrl).download({ url: baseUrl, what: "fetch" });
    let before = -1;
    // Until the buffers of both ends are full.
    await vi.waitFor(
      () => {
        const isStill = written === before;
        before = written;
        expect(isStill).toBe(true);
      },
      { timeout: 5000, interval: 100 },
    );
    expect(written).toBeLessThan(50 * 1024 * 1024);
    expect(requests[0]?.headers["accept-encoding"]).toBeUndefined();
    body.destroy();
    await vi.waitFor(() => expect(requests[0]?.socket.destroyed).toBe(true));
  });

  it.each([
    ["of a known length", "Content-Length: 300000"],
    ["that ends with its connection", "X-Length: unknown"],
  ])("%s arrives whole from a server that hangs up before it is taken", async (_, length) => {
    const sent = Buffer.alloc(300_000, "deskferry");
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\n${length}\r\nConnection: close\r\n\r\n`);
        socket.end(sent);
      });
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { body } = await clientOf(baseUrl).download({ url: baseUrl, what: "fetch" });
    const chunks: Buffer[] = [];
    for await (const chunk of body) {
      chunks.push(chunk);
      // Slower than the server, so that its end comes while we are not reading.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });

  it("that cannot be paused and that nobody takes ends before it fills the memory", async () => {
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(200, { Connection: "close" });
      Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(2 ** 20)))
        .on("error", () => undefined)
        .pipe(response);
    });
    const { body } = await clientOf(baseUrl).download({ url: baseUrl, what: "fetch" });
    const [failure] = (await once(body, "error")) as [Error];
    expect(failure.message).toBe("the answer comes faster than it can be stored");
  });

  it("that breaks off is an error, not a short file", async () => {
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(200, { "content-length": 1000 }).write("some");
      setImmediate(() => response.destroy());
    });
    const { body } = await clientOf(baseUrl).download({ url: baseUrl, what: "fetch" });
    await expect(body.toArray()).rejects.toThrow("other side closed");
  });
});

it("credentials in the base address become a header, and are in no request line", async () => {
  const { port, requests } = await startServer((_, response) => void response.end("{}"));
  await clientOf(`http://desk:pass%20word@127.0.0.1:${port}`).request(look);
  expect(requests[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from("desk:pass word").toString("base64")}`,
  );
  expect(requests[0]?.url).toBe("/");
});
