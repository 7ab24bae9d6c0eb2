import request from "supertest";
import { describe, expect, it } from "vitest";
import { messageBody, setUpHttp, signature } from "./http-setup.ts";

const CHANNEL = "/webhooks/channels/city";

describe("an answer", () => {
  it.each([
    ["GET", "/"],
    ["GET", "/nothing"],
    ["PUT", CHANNEL],
    ["DELETE", CHANNEL],
    ["POST", "/health/live"],
    ["GET", "/webhooks/channels"],
    ["POST", `${CHANNEL}/more`],
    ["GET", "/webhooks/channels/a/../../etc"],
  ])("%s %s: no such address, as JSON without a stack", async (method, path) => {
    const answer = await request(setUpHttp().app)[method.toLowerCase() as "get"](path);
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ error: "no such address" });
  });

  it("to a malformed address is 400, as JSON, and no error of ours", async () => {
    const setup = setUpHttp();
    const answer = await request(setup.app).post("/webhooks/channels/%E0%A4%A").send("x");
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: "malformed address" });
    expect(setup.log).toEqual([]);
  });

  it("carries helmet's headers and does not tell what we run", async () => {
    const { app } = setUpHttp();
    for (const path of ["/health/live", "/nothing", CHANNEL]) {
      const { headers } = await request(app).get(path);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "referrer-policy": "no-referrer",
        "content-security-policy": expect.stringContaining("default-src 'self'"),
        "strict-transport-security": expect.any(String),
      });
      expect(headers["x-powered-by"]).toBeUndefined();
      expect(headers["etag"]).toBeUndefined();
    }
  });

  it("to a probe tells whether events can be taken in, and why not", async () => {
    const well = await request(setUpHttp().app).get("/health/ready");
    expect([well.status, well.body]).toEqual([200, { ready: true, reasons: [] }]);
    const ill = await request(setUpHttp(async () => ["Redis does not answer"]).app).get("/health/ready");
    expect([ill.status, ill.body]).toEqual([503, { ready: false, reasons: ["Redis does not answer"] }]);
    const live = await request(setUpHttp(async () => ["Redis does not answer"]).app).get("/health/live");
    expect([live.status, live.body]).toEqual([200, { live: true }]);
  });

  it("serves figures for Prometheus", async () => {
    const answer = await request(setUpHttp().app).get("/metrics");
    expect([answer.status, answer.text]).toEqual([200, "figures 1\n"]);
  });
});

describe("S41: what a person sent", () => {
  const CANARY = "canary-447700900123";

  it("is quoted by no answer and no log line, however the request fails", async () => {
    const setup = setUpHttp(async () => {
      throw new Error(`probe ${CANARY}`);
    });
    const body = messageBody(CANARY);
    const odd = `{"${CANARY}":`;
    const signed = (text: string) => ({ "X-Hub-Signature-256": signature(text) });
    const answers = [
      await request(setup.app).post(CHANNEL).set(signed(body)).send(body),
      await request(setup.app).post(CHANNEL).set("X-Canary", CANARY).send(body),
      await request(setup.app).post(CHANNEL).set(signed(odd)).send(odd),
      await request(setup.app).post(`/webhooks/channels/${CANARY}`).send(body),
      await request(setup.app).post(`/webhooks/connections/${CANARY}`).send(body),
      await request(setup.app).post(`/webhooks/connections/desk?x=${CANARY}`).send(odd),
      await request(setup.app).get(`/webhooks/channels/city?hub.challenge=${CANARY}`),
      await request(setup.app).get(`/${CANARY}?q=${CANARY}`),
      await request(setup.app).post(`/webhooks/channels/%FF${CANARY}`).send(body),
      await request(setup.app).post(CHANNEL).set("Content-Encoding", CANARY).send(body),
      await request(setup.app).get("/health/ready"),
    ];
    setup.breakWith(new Error(`the intake choked on ${CANARY}`));
    answers.push(await request(setup.app).post(CHANNEL).set(signed(body)).send(body));
    expect(answers.map(({ status }) => status)).toEqual([
      200, 401, 200, 401, 401, 401, 403, 404, 400, 415, 500, 503,
    ]);
    for (const answer of answers) {
      expect(JSON.stringify(answer.headers) + answer.text).not.toContain(CANARY);
      expect(answer.text).not.toMatch(/\bat .*:\d+:\d+/);
    }
    expect(JSON.stringify(setup.log)).not.toContain(CANARY);
    expect(setup.log.map(({ message }) => message)).toEqual([
      "a request failed",
      "a webhook could not be stored",
    ]);
  });
});
