import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PluginError, type SendRequest } from "../../src/sdk/index.ts";
import {
  createChannel,
  type GraphServer,
  graphErrorBody,
  type Reply,
  startGraph,
  TOKEN,
} from "./graph-server.ts";

let server: GraphServer;
let reply: Reply;

beforeEach(async () => {
  reply = { body: { messages: [{ id: "wamid.OUT1" }] } };
  server = await startGraph(() => reply);
});
afterEach(() => server.stop());

const ANA = { phone: "+447700900123", userId: "GB.10000000000000001", name: "Ana Example" };

function send(change: Partial<SendRequest> = {}) {
  return createChannel({ graphUrl: server.url }).send({
    to: ANA,
    outbound: { kind: "text", text: "Hello Ana" },
    callbackData: "intent-1",
    ...change,
  });
}

async function errorOf(promise: Promise<unknown>): Promise<PluginError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PluginError)) throw new Error(`no PluginError but ${String(error)}`);
  return error;
}

/** What Graph got. */
async function sent(change: Partial<SendRequest>): Promise<unknown> {
  await send(change);
  return server.calls.at(-1)?.json;
}

describe("a message sent", () => {
  test("is a POST with the token to the number, and the answer's id comes back", async () => {
    expect(await send()).toEqual({ messageId: "wamid.OUT1" });
    const [call] = server.calls;
    expect([call?.method, call?.path]).toEqual(["POST", "/v25.0/100000000000001/messages"]);
    expect(call?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
    });
    expect(call?.json).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "+447700900123",
      type: "text",
      text: { body: "Hello Ana", preview_url: false },
      biz_opaque_callback_data: "intent-1",
    });
  });

  test("P04: goes to the user id when there is no phone number", async () => {
    const body = await sent({ to: { userId: "GB.10000000000000001" } });
    expect(body).toMatchObject({ recipient: "GB.10000000000000001" });
    expect(body).not.toHaveProperty("to");
  });

  test("goes to the version that the settings say", async () => {
    const channel = createChannel({ graphUrl: `${server.url}/`, graphVersion: "v26.0" });
    await channel.send({ to: ANA, outbound: { kind: "text", text: "x" }, callbackData: "i" });
    expect(server.calls[0]?.path).toBe("/v26.0/100000000000001/messages");
  });

  test("is accepted although Meta holds it back for a look", async () => {
    reply = { body: { messages: [{ id: "wamid.OUT1", message_status: "held_for_quality_assessment" }] } };
    expect(await send()).toEqual({ messageId: "wamid.OUT1" });
  });
});

describe("P14: a template", () => {
  const template = (more: object) => ({
    outbound: { kind: "template" as const, template: { name: "ticket_update", language: "en", ...more } },
  });

  test("without parameters has no components", async () => {
    expect(await sent(template({ body: [], buttons: [] }))).toMatchObject({
      type: "template",
      template: { name: "ticket_update", language: { code: "en" } },
    });
    expect(JSON.stringify(server.calls[0]?.json)).not.toContain("components");
  });

  test("with positional parameters, a header and both kinds of button", async () => {
    const buttons = [
      { type: "url" as const, index: 0, value: "tickets/7" },
      { type: "quick_reply" as const, index: 1, value: "CLOSE_7" },
    ];
    const body = await sent(template({ header: "#7", body: ["Ana", "solved"], buttons }));
    expect(body).toMatchObject({
      template: {
        components: [
          { type: "header", parameters: [{ type: "text", text: "#7" }] },
          {
            type: "body",
            parameters: [
              { type: "text", text: "Ana" },
              { type: "text", text: "solved" },
            ],
          },
          { type: "button", sub_type: "url", index: "0", parameters: [{ type: "text", text: "tickets/7" }] },
          {
            type: "button",
            sub_type: "quick_reply",
            index: "1",
            parameters: [{ type: "payload", payload: "CLOSE_7" }],
          },
        ],
      },
    });
  });

  test("with named parameters names them, in header and body", async () => {
    const body = await sent(
      template({ header: { ticket: "#7" }, body: { first_name: "Ana", state: "solved" } }),
    );
    expect(body).toMatchObject({
      template: {
        components: [
          { type: "header", parameters: [{ type: "text", parameter_name: "ticket", text: "#7" }] },
          {
            type: "body",
            parameters: [
              { type: "text", parameter_name: "first_name", text: "Ana" },
              { type: "text", parameter_name: "state", text: "solved" },
            ],
          },
        ],
      },
    });
  });
});

describe("what Graph would refuse is not sent", () => {
  const text = (body: string) => ({ outbound: { kind: "text" as const, text: body } });
  test.each([
    ["nobody to send to", { to: { name: "Ana Example" } }, "rejected"],
    ["an empty text", text(" \n"), "rejected"],
    ["a text of 4,097 characters", text("ä".repeat(4097)), "rejected"],
    ["callback data of 513 characters", { callbackData: "i".repeat(513) }, "bug"],
  ])("%s", async (_name, change, kind) => {
    const error = await errorOf(send(change));
    expect([error.kind, error.retryable]).toEqual([kind, false]);
    expect(server.calls).toEqual([]);
  });

  test("P28: but 4,096 characters are, counted as people do, and half a character is mended", async () => {
    await send(text("😀".repeat(4096)));
    expect(await sent(text("a\ud83d"))).toMatchObject({ text: { body: "a\ufffd" } });
  });
});

describe("P25, P36: Graph's code decides, whatever the HTTP status", () => {
  test.each([
    [401, 190, "auth"],
    [401, 0, "auth"],
    [403, 10, "auth"],
    [403, 200, "auth"],
    [403, 299, "auth"],
    [403, 131005, "auth"],
    [403, 131031, "auth"],
    [500, 131045, "config"],
    [400, 131042, "config"],
    [400, 133010, "config"],
    [400, 4, "throttled"],
    [400, 80007, "throttled"],
    [400, 130429, "throttled"],
    [400, 131056, "throttled"],
    [400, 131048, "rejected"],
    [500, 131000, "ambiguous"],
    [500, 131016, "ambiguous"],
    [503, 2, "ambiguous"],
    [400, 1, "ambiguous"],
    [500, 131057, "ambiguous"],
    [400, 131047, "window_closed"],
    [400, 131026, "rejected"],
    [400, 131030, "rejected"],
    [400, 131050, "rejected"],
    [400, 131049, "rejected"],
    [400, 100, "rejected"],
    [400, 131008, "rejected"],
    [404, 132001, "rejected"],
    [400, 132000, "rejected"],
    [400, 132015, "rejected"],
    [400, 131053, "rejected"],
    [400, 999999, "ambiguous"],
    [200, 131047, "window_closed"],
  ])("%i with code %i is %s", async (status, code, kind) => {
    reply = { status, body: graphErrorBody(code) };
    const error = await errorOf(send());
    expect([error.kind, error.code]).toEqual([kind, code]);
  });

  test("an id that the token may not see is a matter of settings, not of the message", async () => {
    reply = { status: 400, body: graphErrorBody(100, { error_subcode: 33 }) };
    expect((await errorOf(send())).kind).toBe("config");
  });

  test.each([
    [131056, {}, undefined],
    [132069, {}, 3_600_000],
    [133015, {}, 300_000],
    [134101, {}, 600_000],
    [131056, { "retry-after": "30" }, 30_000],
    [130429, {}, undefined],
  ])("code %i with %j waits %s ms", async (code, headers, wait) => {
    reply = { status: 400, headers, body: graphErrorBody(code) };
    expect((await errorOf(send())).retryAfterMs).toBe(wait);
  });

  test("P31: no error tells the phone number, the token or the text", async () => {
    for (const code of [190, 131026, 131030, 999999]) {
      reply = { status: 400, body: graphErrorBody(code) };
      const { message, operatorMessage, cause } = await errorOf(send());
      expect(`${message} ${operatorMessage} ${String(cause)}`).not.toMatch(/4477|token-of|Hello/);
      expect(operatorMessage).toContain(String(code));
    }
  });
});

describe("P22: an answer that is not Graph's", () => {
  const page = Buffer.from("<html>nothing here</html>");
  test.each([
    ["a page instead of a success", { body: page }, "ambiguous"],
    ["a success without an id", { body: { messages: [] } }, "ambiguous"],
    ["a list", { body: [] }, "ambiguous"],
    ["nothing at all", { body: Buffer.alloc(0) }, "ambiguous"],
    ["a proxy's 400", { status: 400, body: page }, "ambiguous"],
    ["a proxy's 401", { status: 401, body: page }, "auth"],
    ["a proxy's 404", { status: 404, body: page }, "config"],
    ["a proxy's 429", { status: 429, body: page }, "throttled"],
    ["a proxy's 502", { status: 502, body: page }, "ambiguous"],
    ["a proxy's 503", { status: 503, body: page }, "unavailable"],
    ["a redirect", { status: 302, headers: { location: "/elsewhere" } }, "config"],
    ["an error without a code", { status: 400, body: { error: { message: "?" } } }, "ambiguous"],
    ["an error with an empty code", { status: 400, body: { error: { code: "" } } }, "ambiguous"],
    ["a broken connection", { reset: true }, "ambiguous"],
  ])("%s", async (_name, answer, kind) => {
    reply = answer;
    expect((await errorOf(send())).kind).toBe(kind);
    expect(server.calls).toHaveLength(1);
  });

  test("no answer because nobody is there: it was certainly not sent", async () => {
    await server.stop();
    expect((await errorOf(send())).kind).toBe("unavailable");
  });
});

describe("the check of the settings", () => {
  const account = { businessAccountId: "200000000000001" };

  test("P22: tells number, name and quality, and fails with a token that is no good", async () => {
    reply = {
      body: {
        display_phone_number: "+44 20 7946 0100",
        verified_name: "City Council",
        quality_rating: "GREEN",
      },
    };
    const channel = createChannel({ graphUrl: server.url });
    expect(await channel.checkConnection?.()).toEqual([
      "business number +44 20 7946 0100 (City Council), quality GREEN",
    ]);
    expect(server.calls[0]).toMatchObject({
      path: "/v25.0/100000000000001",
      query: { fields: "display_phone_number,verified_name,quality_rating" },
    });
    reply = { status: 401, body: graphErrorBody(190) };
    expect((await errorOf(channel.checkConnection?.() ?? Promise.resolve())).kind).toBe("auth");
  });

  test.each([
    [
      { data: [{ whatsapp_business_api_data: { name: "Our app" } }, {}] },
      "webhooks go to the apps: Our app, unnamed",
    ],
    [{ data: [] }, "no app is subscribed to the account"],
    [graphErrorBody(200), "subscription not checked: look at the subscription: our access to WhatsApp"],
  ])("P05: looks whether webhooks can come at all: %j", async (answer, line) => {
    await server.stop();
    server = await startGraph(({ path }) => ({ body: path.endsWith("/subscribed_apps") ? answer : {} }));
    const lines = await createChannel({ graphUrl: server.url, ...account }).checkConnection?.();
    expect(lines?.[1]).toContain(line);
    expect(server.calls.map(({ path }) => path)).toEqual([
      "/v25.0/100000000000001",
      "/v25.0/200000000000001/subscribed_apps",
    ]);
  });
});
