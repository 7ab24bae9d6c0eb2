import express from "express";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerErrors, controlRouter } from "../../src/sandbox/control.ts";
import { type Listening, listen } from "../../src/sandbox/listen.ts";
import { ControlError } from "../../src/sandbox/read.ts";
import { call } from "./callback-server.ts";

let server: Listening;
beforeEach(async () => {
  const app = express();
  app.use(express.json({ limit: "1kb" }));
  app.use(
    controlRouter({
      "GET /things": () => ({ things: 1 }),
      "PUT /things": () => undefined,
      "POST /things/:id": async ({ params }) => ({ id: params["id"] }),
      "DELETE /things": () => {
        throw new ControlError("field: remedy");
      },
      "GET /broken": async () => {
        throw new Error("broken");
      },
      "GET /odd": () => Promise.reject("odd"),
    }),
  );
  app.get("/late", (_request, response) => {
    response.write("half");
    throw new Error("late");
  });
  app.use(answerErrors);
  server = await listen(app);
});
afterEach(() => server.stop());

test.each([
  ["GET", "/things", 200, { things: 1 }],
  ["PUT", "/things", 200, { ok: true }],
  ["POST", "/things/7", 200, { id: "7" }],
  ["DELETE", "/things", 400, { error: "field: remedy" }],
  ["GET", "/broken", 500, { error: "broken" }],
  ["GET", "/odd", 500, { error: "unknown error" }],
])("%s %s is answered with %i and %j", async (method, path, status, body) => {
  expect(await call(`${server.url}${path}`, { method })).toEqual({ status, body });
});

test.each([
  ["PATCH", "/things"],
  ["GET", "/things/7"],
  ["HEAD", "/things"],
])("%s %s is no route", async (method, path) => {
  expect((await fetch(`${server.url}${path}`, { method })).status).toBe(404);
});

test("a body that is malformed or too large is told with its own status", async () => {
  const post = (body: string) =>
    fetch(`${server.url}/things/7`, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    });
  expect((await post("{")).status).toBe(400);
  const large = await post(JSON.stringify("x".repeat(2000)));
  expect([large.status, await large.json()]).toEqual([413, { error: "request entity too large" }]);
});

test("an answer that has begun is broken off, not ended as if it were whole", async () => {
  const answer = await fetch(`${server.url}/late`);
  await expect(answer.text()).rejects.toThrow();
});
