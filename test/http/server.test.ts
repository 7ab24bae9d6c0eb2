import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { limitedServer, listen } from "../../src/http/server.ts";
import { until } from "../support/until.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A connection to this port, and whether the server has ended it. */
async function lineTo(port: number) {
  const socket = connect(port, "127.0.0.1");
  const line = { socket, isEnded: false };
  socket.on("error", () => undefined);
  socket.on("close", () => {
    line.isEnded = true;
  });
  socket.resume();
  await once(socket, "connect");
  return line;
}

describe("a server of ours", () => {
  it("leaves a quiet connection open for longer than a proxy does, 70 s, and then ends it", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    const server = limitedServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const accepted = once(server, "connection");
    const line = await lineTo((server.address() as { port: number }).port);
    const [socket] = await accepted;
    vi.advanceTimersByTime(70_000);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(1000);
    await until("the end of the line", () => line.isEnded);
    server.close();
  });

  it("waits 30 s for an answer to be read, from the request on, and then ends its connection", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    const server = limitedServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const line = await lineTo((server.address() as { port: number }).port);
    const asked = once(server, "request");
    vi.advanceTimersByTime(20_000);
    line.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const [{ socket }] = await asked;
    vi.advanceTimersByTime(30_000);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(1000);
    await until("the end of the line", () => line.isEnded);
    server.close();
  });

  it("ends what is still under way 5 s after it was told to stop", async () => {
    const app = () => undefined;
    const { port, close } = await listen(app as never, {}, { host: "127.0.0.1", port: 0 });
    const line = await lineTo(port);
    line.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const closed = close();
    await vi.advanceTimersByTimeAsync(4999);
    expect(line.isEnded).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    await closed;
    await until("the end of the line", () => line.isEnded);
  });
});
