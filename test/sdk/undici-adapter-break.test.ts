import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, it, onTestFinished, vi } from "vitest";
import { createHttpClient } from "../../src/sdk/index.ts";
import { createClock } from "../support/clock.ts";

/** Announces eight bytes, sends four, and hangs up. */
async function startBreaking(): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "8" });
    response.write("half");
    setImmediate(() => response.socket?.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("a download that breaks off before anybody takes it ends no process, and fails for whoever comes late", async () => {
  const uncaught = vi.fn();
  process.on("uncaughtException", uncaught);
  onTestFinished(() => void process.off("uncaughtException", uncaught));
  const baseUrl = await startBreaking();
  const { body } = await createHttpClient({ baseUrl }, createClock()).download({
    url: `${baseUrl}/file`,
    what: "x",
  });
  await vi.waitFor(() => expect(body.closed).toBe(true));
  await expect(buffer(body)).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
  expect(uncaught).not.toHaveBeenCalled();
});
