import { request } from "node:http";
import express from "express";
import { expect, test } from "vitest";
import { listen } from "../../src/sandbox/listen.ts";

test("a server is on loopback at a free port unless told otherwise, and keeps idle connections for a minute", async () => {
  const app = express();
  app.get("/", (_request, response) => {
    response.send("hi");
  });
  const server = await listen(app);
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const answer = await fetch(server.url);
  expect([await answer.text(), answer.headers.get("keep-alive")]).toEqual(["hi", "timeout=60"]);
  const port = Number(new URL(server.url).port);
  await expect(listen(express(), { port })).rejects.toThrow("EADDRINUSE");
  await server.stop();
  const again = await listen(app, { port, host: "localhost" });
  expect(again.url).toBe(`http://localhost:${port}`);
  await again.stop();
});

test("a server that is stopped breaks connections that are still open", async () => {
  const app = express();
  app.get("/", (_request, response) => {
    response.write("begun");
  });
  const server = await listen(app);
  const broken = new Promise<string>((resolve) => {
    request(server.url, (answer) => {
      answer.on("data", () => void server.stop());
      answer.on("error", (error) => resolve(error.message));
    }).end();
  });
  expect(await broken).toBe("aborted");
});
