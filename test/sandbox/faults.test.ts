import express from "express";
import { afterEach, expect, test } from "vitest";
import { type Answer, createFaults, sendAnswer } from "../../src/sandbox/faults.ts";
import { type Listening, listen } from "../../src/sandbox/listen.ts";

let server: Listening | undefined;
afterEach(() => server?.stop());

async function guarded(answer: Answer = { status: 201, body: { ok: 1 } }) {
  const faults = createFaults();
  const done: string[] = [];
  const app = express();
  for (const name of ["read", "write"]) {
    app.get(
      `/${name}`,
      faults.guard(name, () => {
        done.push(name);
        return answer;
      }),
    );
  }
  server = await listen(app);
  const { url } = server;
  const ask = async (name: string) => (await fetch(`${url}/${name}`)).status;
  return { faults, done, ask };
}

const spoilt = { status: 503 };

test("a fault spoils as many requests of its operation as told, and no others", async () => {
  const { faults, done, ask } = await guarded();
  faults.add({ operation: "write", times: 2, when: "before", outcome: spoilt });
  const statuses = [];
  for (const name of ["read", "write", "write", "write"]) statuses.push(await ask(name));
  expect(statuses).toEqual([201, 503, 503, 201]);
  expect(done).toEqual(["read", "write"]);
});

test("a fault without an operation spoils any, and faults are worked off in order", async () => {
  const { faults, ask } = await guarded();
  faults.add({ times: 1, when: "before", outcome: spoilt });
  faults.add({ times: 1, when: "before", outcome: { status: 429 } });
  faults.add({ times: 0, when: "before", outcome: { status: 500 } });
  expect([await ask("read"), await ask("write"), await ask("read")]).toEqual([503, 429, 201]);
});

test("a fault after the commit has its effect, and the caller does not learn so", async () => {
  const { faults, done, ask } = await guarded();
  faults.add({ times: 1, when: "after", outcome: spoilt });
  expect([await ask("read"), done]).toEqual([503, ["read"]]);
  faults.add({ times: 1, when: "after", outcome: "reset" });
  await expect(ask("read")).rejects.toThrow();
  expect(done).toEqual(["read", "read"]);
  faults.add({ times: 1, when: "before", outcome: "reset" });
  await expect(ask("read")).rejects.toThrow();
  expect(done).toEqual(["read", "read"]);
});

test("a fault that only slows lets the request through", async () => {
  const { faults, done, ask } = await guarded();
  faults.add({ times: 1, when: "before", delayMs: 30 });
  const started = performance.now();
  expect([await ask("read"), done]).toEqual([201, ["read"]]);
  expect(performance.now() - started).toBeGreaterThanOrEqual(29);
});

test("faults that wait are shown as copies, and cleared", async () => {
  const { faults } = await guarded();
  const fault = { times: 1, when: "before", delayMs: 1 } as const;
  faults.add(fault);
  const [shown] = faults.waiting();
  expect(shown).toEqual(fault);
  Object.assign(shown ?? {}, { times: 9 });
  expect(faults.waiting()).toEqual([fault]);
  faults.clear();
  expect(faults.waiting()).toEqual([]);
});

test.each<[answer: Answer, type: string | null, body: string]>([
  [{ status: 204 }, null, ""],
  [{ status: 200, body: "plain" }, "text/html; charset=utf-8", "plain"],
  [
    { status: 200, body: Buffer.from("bytes"), headers: { "Content-Type": "image/png" } },
    "image/png",
    "bytes",
  ],
  [{ status: 422, body: { a: [1] } }, "application/json; charset=utf-8", '{"a":[1]}'],
  [{ status: 200, body: null }, "application/json; charset=utf-8", "null"],
])("an answer of %j goes out as %s", async (answer, type, body) => {
  const app = express();
  app.get("/", (_request, response) => sendAnswer(response, answer));
  server = await listen(app);
  const got = await fetch(server.url);
  expect([got.status, got.headers.get("content-type"), await got.text()]).toEqual([
    answer.status,
    type,
    body,
  ]);
});
