import { afterEach, beforeEach, expect, test } from "vitest";
import meta from "../../src/channels/meta/index.ts";
import { type Channel, createHttpClient, type TemplateMessage } from "../../src/sdk/index.ts";
import { createClock, type TestClock } from "../support/clock.ts";
import { type Call, graphErrorBody, NUMBER_ID, type Reply, startGraph } from "./graph-server.ts";

let server: Awaited<ReturnType<typeof startGraph>>;
let clock: TestClock;
let channel: Channel;
/** What the account has, or how it refuses to say. */
let account: { status: string; text: string } | "refuses" | undefined;

beforeEach(async () => {
  account = { status: "APPROVED", text: "Hello {{1}}, {{2}} is solved." };
  server = await startGraph(answer);
  clock = createClock();
  const config = meta.config.parse({
    phoneNumberId: NUMBER_ID,
    businessAccountId: "200000000000001",
    appSecrets: ["app-secret"],
    verifyToken: "verify-token",
    accessToken: "token",
    graphUrl: server.url,
  });
  const log = { debug() {}, info() {}, warn() {} };
  channel = meta.create(config, { http: (options) => createHttpClient(options, clock), log, clock });
});
afterEach(() => server.stop());

function answer({ method }: Call): Reply {
  if (method === "POST") return { body: { messages: [{ id: "wamid.1" }] } };
  if (account === "refuses") return { status: 403, body: graphErrorBody(200) };
  if (!account) return { body: { data: [] } };
  const { status, text } = account;
  const components = [{ type: "BODY", text }];
  return { body: { data: [{ name: "solved", language: "en", category: "UTILITY", status, components }] } };
}

function send(template: Partial<TemplateMessage> = {}) {
  const outbound = { name: "solved", language: "en", body: ["Ana", "7"], ...template };
  return channel.send({
    to: { phone: "+447700900123" },
    outbound: { kind: "template", template: outbound },
    callbackData: "intent",
  });
}

const asked = () => server.calls.map(({ method }) => method);

test("P14: a template that fits is sent, and the account is asked for it once in ten minutes", async () => {
  for (let time = 0; time < 3; time++) expect(await send()).toEqual({ messageId: "wamid.1" });
  expect(asked()).toEqual(["GET", "POST", "POST", "POST"]);
  expect(server.calls[0]?.query["name"]).toBe("solved");
  clock.advance(10 * 60_000);
  await send();
  expect(asked().slice(4)).toEqual(["GET", "POST"]);
});

test.each<[string, Partial<TemplateMessage>, RegExp]>([
  ["other parameters", { body: ["Ana"] }, /takes 2 numbered parameters in its body and is given 1/],
  ["another language", { language: "es" }, /not there in es, only in en/],
])(
  "P14: one with %s is refused in plain words, and Meta is not asked to send it",
  async (_what, more, says) => {
    await expect(send(more)).rejects.toMatchObject({
      kind: "rejected",
      retryable: false,
      problem: { action: "dead_letter", reason: "template", says: expect.stringMatching(says) },
    });
    expect(asked()).not.toContain("POST");
  },
);

test("P15: a paused template is refused, and goes out as soon as it is approved again", async () => {
  account = { status: "PAUSED", text: "Hello {{1}}, {{2}} is solved." };
  await expect(send()).rejects.toMatchObject({ problem: { says: expect.stringContaining("is PAUSED") } });
  account = { ...account, status: "APPROVED" };
  clock.advance(10_000);
  expect(await send()).toEqual({ messageId: "wamid.1" });
});

test("P14: a new version with more parameters is noticed before a message is refused for the old one", async () => {
  await send();
  account = { status: "APPROVED", text: "Hello {{1}}, {{2}} is {{3}}." };
  clock.advance(10_000);
  expect(await send({ body: ["Ana", "7", "solved"] })).toEqual({ messageId: "wamid.1" });
});

test("P15: when the account cannot be asked, Meta decides", async () => {
  account = "refuses";
  expect(await send({ body: ["Ana"] })).toEqual({ messageId: "wamid.1" });
});

test("P14: a template that the account has not is refused", async () => {
  account = undefined;
  await expect(send()).rejects.toMatchObject({
    problem: { says: expect.stringContaining("no template solved") },
  });
  expect(asked()).toEqual(["GET"]);
});
