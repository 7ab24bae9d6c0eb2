import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import request from "supertest";
import { describe, expect, it } from "vitest";
import { HOOK_SECRET, messageBody, setUpHttp, signature, VERIFY_TOKEN } from "./http-setup.ts";

const CHANNEL = "/webhooks/channels/city";

function post(app: ReturnType<typeof setUpHttp>["app"], path = CHANNEL) {
  return request(app).post(path).set("Content-Type", "application/json");
}

describe("P21: a channel's webhook", () => {
  it("signed, is parsed and stored before it is answered 200", async () => {
    const setup = setUpHttp();
    const body = messageBody();
    const answer = await post(setup.app).set("X-Hub-Signature-256", signature(body)).send(body);
    expect(answer.status).toBe(200);
    expect(setup.taken).toMatchObject([
      { name: "city", parsed: { events: [{ type: "message.received", accountId: "106540352242922" }] } },
    ]);
    expect(setup.counted).toEqual(["city accepted"]);
  });

  const body = messageBody();
  it.each([
    ["no signature", {}],
    ["an empty one", { "X-Hub-Signature-256": "" }],
    ["another secret's", { "X-Hub-Signature-256": signature(body, "another secret") }],
    ["one of another body", { "X-Hub-Signature-256": signature(`${body} `) }],
    ["one in capitals", { "X-Hub-Signature-256": signature(body).toUpperCase() }],
    ["one without its prefix", { "X-Hub-Signature-256": signature(body).slice(7) }],
    ["a right one twice", { "X-Hub-Signature-256": `${signature(body)}, ${signature(body)}` }],
    ["the older SHA-1", { "X-Hub-Signature": `sha1=${createHmac("sha1", "x").update(body).digest("hex")}` }],
  ])("with %s is refused 401 and not even parsed", async (_name, headers) => {
    const setup = setUpHttp();
    const answer = await post(setup.app).set(headers).send(body);
    expect(answer.status).toBe(401);
    expect(setup.parsed).toEqual([]);
    expect(setup.taken).toEqual([]);
    expect(setup.counted).toEqual(["city refused"]);
  });

  it("is judged by its bytes: the same JSON written differently is refused", async () => {
    const setup = setUpHttp();
    const pretty = JSON.stringify(JSON.parse(body), null, 2);
    const answer = await post(setup.app).set("X-Hub-Signature-256", signature(body)).send(pretty);
    expect(answer.status).toBe(401);
  });

  it("of a channel that does not exist is refused like a forged one, under no name of the sender's choice", async () => {
    const setup = setUpHttp();
    const answer = await post(setup.app, "/webhooks/channels/village")
      .set("X-Hub-Signature-256", signature(body))
      .send(body);
    expect(answer.status).toBe(401);
    expect(setup.counted).toEqual(["unknown refused"]);
  });

  it.each(["", "not JSON", "{", "[]", "null", '{"object":"page","entry":[]}'])(
    "signed but unreadable (%j) is kept and answered 200, or Meta would repeat it for 7 days",
    async (odd) => {
      const setup = setUpHttp();
      const answer = await post(setup.app).set("X-Hub-Signature-256", signature(odd)).send(odd);
      expect(answer.status).toBe(200);
      expect(setup.taken).toMatchObject([
        { parsed: { events: [], quarantined: [{ reason: expect.any(String) }] } },
      ]);
    },
  );

  it("that cannot be stored is answered 503 with a time to come back", async () => {
    const setup = setUpHttp();
    setup.breakWith(new Error("Redis is away"));
    const answer = await post(setup.app).set("X-Hub-Signature-256", signature(body)).send(body);
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("5");
    expect(setup.counted).toEqual(["city unavailable"]);
    setup.breakWith(undefined);
    const again = await post(setup.app).set("X-Hub-Signature-256", signature(body)).send(body);
    expect(again.status).toBe(200);
  });

  it("compressed is refused 415 without being unpacked", async () => {
    const setup = setUpHttp();
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    for (const encoding of ["gzip", "br", "deflate", "gzip, identity"]) {
      const answer = await post(setup.app)
        .set("Content-Encoding", encoding)
        .set("X-Hub-Signature-256", signature(bomb))
        .serialize((raw) => raw as never)
        .send(bomb as never);
      expect(answer.status).toBe(415);
    }
    expect(setup.parsed).toEqual([]);
  });
});

describe("Meta's set-up request", () => {
  const query = { "hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444" };

  it("with the channel's word gets its challenge back, as plain text", async () => {
    const answer = await request(setUpHttp().app).get(CHANNEL).query(query);
    expect(answer.status).toBe(200);
    expect(answer.text).toBe("1158201444");
    expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });

  it.each([
    ["a wrong word", { ...query, "hub.verify_token": "wrong" }],
    ["no word", { "hub.mode": "subscribe", "hub.challenge": "1" }],
    ["another mode", { ...query, "hub.mode": "unsubscribe" }],
    ["a page as challenge", { ...query, "hub.challenge": "<script>alert(1)</script>" }],
    ["no challenge", { "hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN }],
    ["two words", { ...query, "hub.verify_token": [VERIFY_TOKEN, VERIFY_TOKEN] }],
    ["nothing", {}],
  ])("with %s is refused 403", async (_name, given) => {
    const answer = await request(setUpHttp().app).get(CHANNEL).query(given);
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain("script");
  });

  it("to a channel that does not exist is refused 403", async () => {
    const answer = await request(setUpHttp().app).get("/webhooks/channels/village").query(query);
    expect(answer.status).toBe(403);
  });
});

describe("a connection's webhook", () => {
  const body = JSON.stringify([{ id: "1" }, { id: "2" }]);
  const signed = (text: string, secret = HOOK_SECRET) =>
    createHmac("sha256", secret).update(text).digest("hex");
  const hook = (setup: ReturnType<typeof setUpHttp>, name = "desk") =>
    post(setup.app, `/webhooks/connections/${name}`);

  it("signed, is taken in", async () => {
    const setup = setUpHttp();
    const answer = await hook(setup).set("X-Desk-Signature", signed(body)).send(body);
    expect(answer.status).toBe(200);
    expect(setup.changes).toEqual([{ name: "desk", count: 2 }]);
  });

  it.each([
    ["not signed", "desk", {}],
    ["forged", "desk", { "X-Desk-Signature": signed(body, "another") }],
    ["of a helpdesk that cannot sign", "mute", { "X-Desk-Signature": signed(body) }],
    ["of a connection that does not exist", "nobody", { "X-Desk-Signature": signed(body) }],
  ])("%s is refused 401", async (_name, name, headers) => {
    const setup = setUpHttp();
    const answer = await hook(setup, name).set(headers).send(body);
    expect(answer.status).toBe(401);
    expect(setup.changes).toEqual([]);
    expect(setup.counted).toEqual([name === "nobody" ? "unknown refused" : `${name} refused`]);
  });

  it("that cannot be stored is answered 503 with a time to come back", async () => {
    const setup = setUpHttp();
    setup.breakWith(new Error("Redis is away"));
    const answer = await hook(setup).set("X-Desk-Signature", signed(body)).send(body);
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("5");
  });

  it("cannot be set up by GET", async () => {
    const answer = await request(setUpHttp().app).get("/webhooks/connections/desk");
    expect(answer.status).toBe(404);
  });
});
