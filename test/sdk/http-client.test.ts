import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { Readable } from "node:stream";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { guardedDispatcher, isForbidden } from "../../src/sdk/address-guard.ts";
import { createHttpClient, type HttpRequest, type PluginError } from "../../src/sdk/index.ts";
import { createClock } from "../support/clock.ts";
import { failureOf } from "../support/failure-of.ts";

const MIB = 1024 * 1024;

/** A server on loopback, and how often it was asked. */
async function startServer(answer: RequestListener) {
  const seen = { requests: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return { seen, port: (server.address() as AddressInfo).port };
}

const clientOf = (baseUrl: string, options: { maxAnswerBytes?: number; downloadHosts?: string[] } = {}) =>
  createHttpClient({ baseUrl, ...options }, createClock());

describe("an answer", () => {
  it.each([
    ["gzip", gzipSync(Buffer.alloc(200 * MIB, " "), { level: 9 })],
    ["br", brotliCompressSync(Buffer.alloc(50 * MIB, " "))],
  ])("R34: that is small only while it is packed (%s) is cut off after unpacking", async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(MIB);
    const { port } = await startServer((_, response) => {
      response.writeHead(200, { "content-encoding": encoding, "content-length": bomb.length }).end(bomb);
    });
    const client = clientOf(`http://127.0.0.1:${port}`, { maxAnswerBytes: MIB });
    const before = process.memoryUsage().rss;
    const failure = await failureOf(client.request({ method: "GET", path: "/", what: "look" }));
    expect(failure).toMatchObject({ kind: "ambiguous" });
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MIB);
  });

  it("that is packed and within the limit is read as ever", async () => {
    const body = gzipSync(JSON.stringify({ text: "x".repeat(1000) }));
    const { port } = await startServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(body);
    });
    const client = clientOf(`http://127.0.0.1:${port}`, { maxAnswerBytes: 2000 });
    const answer = await client.request({ method: "GET", path: "/", what: "look" });
    expect(answer.json()).toEqual({ text: "x".repeat(1000) });
  });
});

describe("a download that is sent on", () => {
  const readAll = async (body: NodeJS.ReadableStream) => {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString();
  };
  async function sentOn(location: (port: number) => string) {
    const heard: unknown[] = [];
    const store = await startServer((request, response) => {
      heard.push([request.headers.authorization, request.headers["x-of-request"]]);
      if (request.url === "/again") response.writeHead(302, { location: "/file" }).end();
      else response.end("bytes of the store");
    });
    const desk = await startServer((_, response) => {
      response.writeHead(302, { location: location(store.port) }).end("moved");
    });
    const baseUrl = `http://127.0.0.1:${desk.port}`;
    const client = createHttpClient({ baseUrl, headers: { Authorization: "secret" } }, createClock());
    const fetchFrom = (redirectHosts?: string[]) =>
      client.download({
        url: `${baseUrl}/file`,
        headers: { "X-Of-Request": "secret" },
        what: "fetch",
        ...(redirectHosts ? { redirectHosts } : {}),
      });
    return { heard, store, desk, fetchFrom };
  }

  it("comes from a host that was named, which hears nothing of our headers", async () => {
    const { heard, store, desk, fetchFrom } = await sentOn((port) => `http://127.0.0.1:${port}/file`);
    const { body } = await fetchFrom([`127.0.0.1:${store.port}`]);
    expect(await readAll(body)).toBe("bytes of the store");
    expect(heard).toEqual([[undefined, undefined]]);
    expect(desk.seen.requests).toBe(1);
  });

  it("is an error of the settings where the host was not named, and nobody there is asked", async () => {
    const { heard, fetchFrom } = await sentOn((port) => `http://127.0.0.1:${port}/file`);
    for (const hosts of [undefined, [], ["store.example.net"]])
      expect(await failureOf(fetchFrom(hosts))).toMatchObject({ kind: "config", code: 302 });
    expect(heard).toEqual([]);
  });

  it("is sent on once only", async () => {
    const { heard, store, fetchFrom } = await sentOn((port) => `http://127.0.0.1:${port}/again`);
    const failure = await failureOf(fetchFrom([`127.0.0.1:${store.port}`]));
    expect(failure).toMatchObject({ kind: "config", code: 302 });
    expect(heard).toHaveLength(1);
  });

  it("R35: does not come from a name that leads inside, though it was named", async () => {
    const { heard, store, fetchFrom } = await sentOn((port) => `http://localhost:${port}/file`);
    const failure = await failureOf(fetchFrom([`localhost:${store.port}`]));
    expect(failure).toMatchObject({ kind: "rejected", code: "address_not_allowed" });
    expect(heard).toEqual([]);
  });
});

describe("a file as the body", () => {
  it("arrives byte for byte, with its length and not in chunks", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
    let seen: { body: Buffer; headers: Record<string, unknown> } | undefined;
    const { port } = await startServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen = { body: Buffer.concat(chunks), headers: request.headers };
      response.end("{}");
    });
    const file = {
      name: "a.bin",
      mimeType: "image/png",
      size: bytes.length,
      open: () => Readable.from([bytes]),
    };
    const client = clientOf(`http://127.0.0.1:${port}`);
    await client.request({ method: "POST", path: "/uploads", file, what: "upload" });
    expect(seen?.body.equals(bytes)).toBe(true);
    expect(seen?.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "100000",
    });
    expect(seen?.headers["transfer-encoding"]).toBeUndefined();
  });
});

describe("addresses", () => {
  it.each([
    ["169.254.169.254", true, true],
    ["::ffff:169.254.169.254", true, true],
    ["::ffff:a9fe:a9fe", true, true],
    ["fd00:ec2::254", true, true],
    ["fe80::1%eth0", true, true],
    ["0.0.0.0", true, true],
    ["100.100.100.200", true, true],
    ["10.1.2.3", false, true],
    ["172.31.0.1", false, true],
    ["192.168.1.1", false, true],
    ["127.0.0.1", false, true],
    ["::1", false, true],
    ["[::1]", false, true],
    ["::ffff:10.0.0.1", false, true],
    ["fd12:3456::1", false, true],
    ["8.8.8.8", false, false],
    ["172.32.0.1", false, false],
    ["2606:4700::1111", false, false],
  ])("%s: forbidden to the configured host: %s, elsewhere: %s", (address, configured, elsewhere) => {
    expect([isForbidden(address, "configured"), isForbidden(address, "elsewhere")]).toEqual([
      configured,
      elsewhere,
    ]);
  });

  it("of metadata services are refused as base address, also in the disguises that a URL allows", () => {
    for (const url of ["http://169.254.169.254", "http://0xa9fea9fe/", "http://[::ffff:169.254.169.254]"]) {
      expect(() => clientOf(url)).toThrowError(
        expect.objectContaining({ kind: "config", code: "address_not_allowed" }),
      );
    }
  });

  it("R35: a download from another host whose name leads inside is refused, and nobody there is asked", async () => {
    const inside = await startServer((_, response) => void response.end("secret"));
    const client = clientOf("http://127.0.0.1:9", { downloadHosts: [`localhost:${inside.port}`] });
    const url = `http://localhost:${inside.port}/latest/meta-data`;
    const failure = await failureOf(client.download({ url, what: "fetch" }));
    expect(failure).toMatchObject({ kind: "rejected" });
    expect((failure as unknown as PluginError).code).toBe("address_not_allowed");
    expect(inside.seen.requests).toBe(0);
  });

  it("on the premises are reached when the settings name them, by name or by number", async () => {
    const desk = await startServer((_, response) => void response.end("ours"));
    for (const host of ["localhost", "127.0.0.1"]) {
      const client = clientOf(`http://${host}:${desk.port}`);
      expect((await client.request({ method: "GET", path: "/", what: "look" })).text).toBe("ours");
    }
  });

  it("are looked at again at every connection: a name that changes its mind is caught", async () => {
    const { port, seen } = await startServer((_, response) => void response.end("in"));
    const answers = ["127.0.0.1", "169.254.169.254"];
    const lookup: LookupFunction = (_name, { all }, callback) => {
      const address = answers.shift() ?? "";
      callback(null, all ? [{ address, family: 4 }] : address, 4);
    };
    const dispatcher = guardedDispatcher("configured", { keepAlive: false, lookup });
    const call = () =>
      dispatcher.request({ origin: `http://localhost:${port}`, path: "/", method: "GET" }).then(
        async ({ body }) => {
          await body.dump();
          return "answered";
        },
        (error: NodeJS.ErrnoException) => error.code,
      );
    expect([await call(), await call()]).toEqual(["answered", "EADDRNOTALLOWED"]);
    expect(seen.requests).toBe(1);
  });
});

describe("a request", () => {
  async function startEcho() {
    const heard: { method?: string; url?: string; headers: Record<string, unknown>; body: string }[] = [];
    const { port } = await startServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        heard.push({ method, url, headers, body });
        response.end("{}");
      });
    });
    return { heard, host: `127.0.0.1:${port}` };
  }

  it.each([
    ["ann:p%40ss", "ann:p@ss"],
    ["ann", "ann:"],
    [":token", ":token"],
    ["%C3%B6:%3A", "ö::"],
  ])("shows what its address carries before the @: %s", async (before, pair) => {
    const { heard, host } = await startEcho();
    await clientOf(`http://${before}@${host}/api`).request({ method: "GET", path: "/who", what: "look" });
    const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    expect(heard[0]).toMatchObject({ url: "/api/who", headers: { authorization } });
  });

  it("shows nobody's credentials where the address carries none, and a header before the address'", async () => {
    const { heard, host } = await startEcho();
    await clientOf(`http://${host}`).request({ method: "GET", path: "/", what: "look" });
    expect(heard[0]?.headers).not.toHaveProperty("authorization");
    const headers = { Authorization: "Bearer t" };
    const client = createHttpClient({ baseUrl: `http://a:b@${host}`, headers }, createClock());
    await client.request({ method: "GET", path: "/", what: "look" });
    expect(heard[1]?.headers).toMatchObject({ authorization: "Bearer t", "user-agent": "deskferry" });
  });

  it.each([
    ["/api", "who", {}, "/api/who"],
    ["/api/", "/who", {}, "/api/who"],
    ["/api//", "//who", {}, "/api/who"],
    ["/api", "", {}, "/api"],
    ["", "/who", { query: { a: 1, b: "x y&" } }, "/who?a=1&b=x+y%26"],
    ["", "/who?z=1", { query: { a: "1" } }, "/who?z=1&a=1"],
    ["", "/who", { query: {} }, "/who"],
  ])("to %j and %j with %j asks for %s", async (base, path, more, url) => {
    const { heard, host } = await startEcho();
    await clientOf(`http://${host}${base}`).request({ method: "GET", path, what: "look", ...more });
    expect(heard[0]?.url).toBe(url);
  });

  it("sends JSON, fields or a file, each with its type", async () => {
    const { heard, host } = await startEcho();
    const client = clientOf(`http://${host}`);
    const file = { name: "a", mimeType: "x/y", size: 5, open: () => Readable.from([Buffer.from("hello")]) };
    const ask = (more: object) => client.request({ method: "POST", path: "/", what: "ask", ...more });
    await ask({ json: { a: 1 } });
    await ask({ json: null });
    await ask({ fields: { a: "x y", b: "&" } });
    await ask({ file });
    await ask({ file, headers: { "Content-Type": "image/png" } });
    expect(heard.map(({ headers, body }) => [headers["content-type"], body])).toEqual([
      ["application/json", '{"a":1}'],
      ["application/json", "null"],
      ["application/x-www-form-urlencoded", "a=x+y&b=%26"],
      ["application/octet-stream", "hello"],
      ["image/png", "hello"],
    ]);
    expect(heard[3]?.headers["content-length"]).toBe("5");
  });

  it.each([
    [199 + 1, []],
    [204, []],
    [299, []],
    [404, [404]],
    [409, [404, 409]],
  ])("that is answered with %i, where %j are accepted besides, has an answer", async (status, accept) => {
    const { port } = await startServer((_, response) => void response.writeHead(status).end());
    const request = { method: "GET", path: "/", what: "look", accept } satisfies HttpRequest;
    expect((await clientOf(`http://127.0.0.1:${port}`).request(request)).status).toBe(status);
  });

  it.each([300, 404, 500])(
    "that is answered with %i, which is not accepted, fails with it",
    async (status) => {
      const { port } = await startServer((_, response) => void response.writeHead(status).end());
      const request = { method: "GET", path: "/", what: "look", accept: [409] } satisfies HttpRequest;
      expect(await failureOf(clientOf(`http://127.0.0.1:${port}`).request(request))).toMatchObject({
        code: status,
      });
    },
  );

  it("whose answer is no JSON is unclear only when it is read as such", async () => {
    const { port } = await startServer((_, response) => void response.end("<html>"));
    const answer = await clientOf(`http://127.0.0.1:${port}`).request({
      method: "GET",
      path: "/",
      what: "look",
    });
    expect(answer.text).toBe("<html>");
    expect(() => answer.json()).toThrow("look: the server answered 200 with something other than JSON");
  });

  it("that found nobody was never sent; one that was broken off may have had its effect", async () => {
    const broken = await startServer((request) => void request.socket.destroy());
    const look = { method: "GET", path: "/", what: "look" } as const;
    expect(await failureOf(clientOf(`http://127.0.0.1:${broken.port}`).request(look))).toMatchObject({
      kind: "ambiguous",
      message: expect.stringMatching(/^look: no answer from the server \(\w+\)$/),
    });
    expect(await failureOf(clientOf("http://127.0.0.1:1").request(look))).toMatchObject({
      kind: "unavailable",
      code: "ECONNREFUSED",
      message: "look: no answer from the server (ECONNREFUSED)",
    });
  });
});
