import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { createAnswerReader, createHttpClient, type HttpAnswer } from "../../src/sdk/index.ts";
import { createClock } from "../support/clock.ts";
import { failureOf } from "../support/failure-of.ts";

const MIB = 1024 * 1024;

async function ask(answer: RequestListener): Promise<HttpAnswer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient({ baseUrl: `http://127.0.0.1:${port}` }, createClock());
  return client.request({ method: "POST", path: "/", json: {}, what: "create ticket" });
}

const record = z.object({ id: z.string() });
const read = createAnswerReader("Desk");
const json = { "content-type": "application/json" };

describe("R34: a success that is none", () => {
  it.each<[string, RequestListener]>([
    ["nothing", (_, response) => response.writeHead(200, json).end()],
    ["204", (_, response) => response.writeHead(204).end()],
    ["a page", (_, response) => response.end("<html>Please log in</html>")],
    ["half of it", (_, response) => response.writeHead(200, json).end('{"id": "1')],
    ["another type", (_, response) => response.writeHead(200, json).end('{"id": ["1"]}')],
    [
      "a prototype",
      (_, response) => response.writeHead(200, json).end('{"__proto__": {"id": "1", "mine": 1}}'),
    ],
    ["UTF-16", (_, response) => response.writeHead(200, json).end(Buffer.from('{"id":"1"}', "utf16le"))],
  ])("%s may have had its effect, and nothing is taken from it", async (_, answer) => {
    const failure = await failureOf((async () => read(await ask(answer), record, "create ticket"))());
    expect(failure).toMatchObject({ kind: "ambiguous" });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)["mine"]).toBeUndefined();
  });

  it("50 MB are cut off, and take no memory to speak of", async () => {
    const before = process.memoryUsage().rss;
    const piece = Buffer.alloc(MIB, " ");
    const failure = await failureOf(
      ask((_, response) => {
        for (let n = 0; n < 50; n++) response.write(piece);
        response.end();
      }),
    );
    expect(failure).toMatchObject({ kind: "ambiguous" });
    // The server of this test holds the 50 MB too.
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MIB + 50 * MIB);
  });
});
