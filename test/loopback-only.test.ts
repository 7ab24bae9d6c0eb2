import http from "node:http";
import type { AddressInfo } from "node:net";
import net from "node:net";
import tls from "node:tls";
import axios from "axios";
import { expect, test } from "vitest";

const refusal = /a test tried to leave the machine/;

test.each(["192.0.2.1", "localhost.example.com", "127.example.com", "[2001:db8::1]"])(
  "a test cannot reach %s",
  (host) => {
    expect(() => net.connect(443, host)).toThrow(refusal);
    expect(() => tls.connect({ host, port: 443 })).toThrow(refusal);
  },
);

test("neither axios nor fetch gets out", async () => {
  await expect(axios.get("http://192.0.2.1/", { proxy: false })).rejects.toThrow(refusal);
  const error: unknown = await fetch("https://192.0.2.1/").catch((reason: unknown) => reason);
  expect(String(error instanceof Error ? error.cause : error)).toMatch(refusal);
});

test.each(["localhost", "127.0.0.1"])("a server on %s is reached", async (host) => {
  const server = http.createServer((_request, response) => response.end("here"));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await axios.get<string>(`http://${host}:${port}/`, { proxy: false });
  expect(answer.data).toBe("here");
  await new Promise((resolve) => server.close(resolve));
});
