import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ReceiveOptions, receiveWebhook } from "../../src/http/receive-webhook.ts";
import { queryOf, toWebhookRequest } from "../../src/http/webhook-request.ts";

type Endpoint = { isGenuine: boolean };

/** One address for webhooks to the name in its path; what was counted, logged and taken. */
async function setUp(options: Partial<ReceiveOptions<Endpoint>> = {}) {
  const counted: string[] = [];
  const log: unknown[] = [];
  const taken: unknown[] = [];
  const error = (message: string, fields: object = {}) => void log.push([message, fields]);
  const receive = receiveWebhook<Endpoint>({
    endpoints: new Map([
      ["city", { isGenuine: true }],
      ["forged", { isGenuine: false }],
    ]),
    verify: ({ isGenuine }) => isGenuine,
    take: async (name, _endpoint, { body, query }) => void taken.push([name, body.toString(), query]),
    counted: (name, answer) => void counted.push(`${name} ${answer}`),
    logger: { error, warn: error, info: error, debug: error },
    ...options,
  });
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? "/", "http://a").pathname.slice(1);
    void receive(name, request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const post = async (path: string, body = "words") => {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method: "POST", body });
    const { status, headers } = response;
    return { status, headers, text: await response.text() };
  };
  return { counted, log, taken, post };
}

describe("a webhook's answer", () => {
  it("is 200 once it is taken, and counted under its name", async () => {
    const { counted, log, taken, post } = await setUp();
    const { status, headers, text } = await post("city?intent=a");
    expect([status, JSON.parse(text)]).toEqual([200, { accepted: true }]);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(taken).toEqual([["city", "words", { intent: "a" }]]);
    expect([counted, log]).toEqual([["city accepted"], []]);
  });

  it("is the sender's own words where it reads them", async () => {
    const acknowledgement = () => ({ contentType: "text/xml", body: "<Response/>" });
    const { post } = await setUp({ acknowledgement });
    const { status, headers, text } = await post("city");
    expect([status, text]).toEqual([200, "<Response/>"]);
    expect(headers.get("content-type")).toMatch(/^text\/xml/);
  });

  it.each([
    ["forged", "forged refused"],
    ["nobody", "unknown refused"],
  ])("to %s is 401 with the reason, and nothing is taken", async (name, count) => {
    const { counted, taken, post } = await setUp();
    const { status, text } = await post(name);
    expect([status, JSON.parse(text)]).toEqual([
      401,
      { error: "the signature is missing or not right for this address" },
    ]);
    expect([counted, taken]).toEqual([[count], []]);
  });

  it.each([
    [new RangeError("quotes +447700900123"), "RangeError"],
    ["a text", "string"],
  ])(
    "is 503 with a time to come back when it cannot be stored; the log has the error's kind only",
    async (thrown, kind) => {
      const { counted, log, post } = await setUp({ take: () => Promise.reject(thrown) });
      const { status, headers, text } = await post("city");
      expect([status, JSON.parse(text)]).toEqual([503, { error: "this could not be stored; send it again" }]);
      expect(headers.get("retry-after")).toBe("5");
      expect(counted).toEqual(["city unavailable"]);
      expect(log).toEqual([["a webhook could not be stored", { webhook: "city", kind }]]);
    },
  );

  it("S13: is 429 for an address that floods us, by name where it is one, and ends with a large body only", async () => {
    const { counted, post } = await setUp();
    for (let n = 0; n < 120; n++) await post("forged");
    counted.length = 0;
    const { status, headers, text } = await post("city");
    expect([status, JSON.parse(text)]).toEqual([429, { error: "too many requests without a signature" }]);
    expect([headers.get("retry-after"), headers.get("connection")]).toEqual(["60", "keep-alive"]);
    expect((await post("nobody", "x".repeat(65_535))).headers.get("connection")).toBe("keep-alive");
    expect((await post("nobody", "x".repeat(65_536))).headers.get("connection")).toBe("close");
    expect(counted).toEqual(["city limited", "unknown limited", "unknown limited"]);
    expect((await post("city?signature=a")).status).toBe(200);
  });
});

describe("what a plugin sees of a request", () => {
  it.each([
    ["/a", {}],
    ["/a?", {}],
    ["?a=1", { a: "1" }],
    ["/a?b=1&c=%20x&d", { b: "1", c: " x", d: "" }],
    ["/a?b=1&b=2&c=3", { c: "3" }],
    ["/a?b=1?c=2", { b: "1?c=2" }],
    ["", {}],
  ])("the query of %j is %j", (url, query) => {
    expect(queryOf(url)).toEqual(query);
  });

  it("are its headers but for those that come as a list, and its body", () => {
    const body = Buffer.from("x");
    const headers = { "x-one": "1", "set-cookie": ["a", "b"] };
    const seen = { headers: { "x-one": "1" }, query: {}, body };
    expect(toWebhookRequest({ headers } as never, body)).toEqual(seen);
    expect(toWebhookRequest({ headers, url: "/a" } as never, body)).toEqual(seen);
  });
});
