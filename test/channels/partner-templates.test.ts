import { afterEach, describe, expect, it } from "vitest";
import dialog360 from "../../src/channels/dialog360/index.ts";
import twilio from "../../src/channels/twilio/index.ts";
import { createHttpClient, type TemplateInfo, type Tools } from "../../src/sdk/index.ts";
import { type Call, type Reply, startGraph } from "./graph-server.ts";
import { ACCOUNT, AUTH_TOKEN, NUMBER_ID, PUBLIC_URL } from "./providers.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const clock = { now: () => 0 };
const tools: Tools = {
  http: (options) => createHttpClient(options, clock),
  log: { debug() {}, info() {}, warn() {} },
  clock,
};

async function start(answer: (call: Call) => Reply) {
  const server = await startGraph(answer);
  stops.push(server.stop);
  return server;
}

describe("the templates of a number at 360dialog", () => {
  async function list(answer: (call: Call) => Reply): Promise<{ found: TemplateInfo[]; calls: Call[] }> {
    const { url, calls } = await start(answer);
    const config = dialog360.config.parse({
      phoneNumberId: NUMBER_ID,
      apiKey: "key-of-the-number",
      webhookSecrets: ["secret"],
      apiUrl: url,
    });
    return { found: (await dialog360.create(config, tools).listTemplates?.()) ?? [], calls };
  }
  const template = (name: string) => ({
    name,
    language: "en",
    status: "approved",
    category: "UTILITY",
    namespace: "0000",
    components: [{ type: "BODY", text: "Hello {{1}}, {{2}}." }],
  });

  it("P14: are read page after page, by offset, and told in Meta's capitals", async () => {
    const all = Array.from({ length: 5 }, (_, index) => template(`t${index}`));
    const { found, calls } = await list(({ query }) => {
      const offset = Number(query["offset"]);
      const waba_templates = all.slice(offset, offset + 2);
      return { body: { count: waba_templates.length, total: all.length, offset, limit: 2, waba_templates } };
    });
    expect(found.map(({ name }) => name)).toEqual(["t0", "t1", "t2", "t3", "t4"]);
    expect(found[0]).toMatchObject({
      status: "APPROVED",
      category: "UTILITY",
      body: ["1", "2"],
      alsoNeeds: [],
    });
    expect(calls.map(({ query }) => query["offset"])).toEqual(["0", "2", "4"]);
    for (const { method, path, headers } of calls) {
      expect([method, path]).toEqual(["GET", "/v1/configs/templates"]);
      expect(headers["d360-api-key"]).toBe("key-of-the-number");
    }
  });

  it("end where nothing more comes, whatever the total says", async () => {
    const { found, calls } = await list(({ query }) => ({
      body: { total: 99, waba_templates: query["offset"] === "0" ? [template("one")] : [] },
    }));
    expect([found.length, calls.length]).toEqual([1, 2]);
  });

  it("with a key that is no good say so", async () => {
    await expect(list(() => ({ status: 401, body: {} }))).rejects.toMatchObject({ kind: "auth" });
  });
});

describe("the templates of a sender at Twilio", () => {
  const sid = (digit: string) => `HX${digit.repeat(32)}`;
  const content = (digit: string, types: object, more: object = {}) => ({
    sid: sid(digit),
    account_sid: ACCOUNT,
    friendly_name: `content ${digit}`,
    language: "en",
    variables: {},
    types,
    approval_requests: { name: "x", category: "UTILITY", status: "approved", ...more },
  });
  const templates = ["1", "2", "3", "4", "5"].map((digit) => ({
    name: `template_${digit}`,
    language: "en",
    contentSid: sid(digit),
  }));

  async function list(
    answer: (call: Call) => Reply,
    named = templates,
  ): Promise<{ found: TemplateInfo[]; calls: Call[] }> {
    const { url, calls } = await start(answer);
    const config = twilio.config.parse({
      accountSid: ACCOUNT,
      authTokens: [AUTH_TOKEN],
      number: "+442079460100",
      publicUrl: PUBLIC_URL,
      templates: named,
      contentUrl: url,
    });
    return { found: (await twilio.create(config, tools).listTemplates?.()) ?? [], calls };
  }

  it("P14: bear the names of the settings; a content without a name there, or a name without a content, is none", async () => {
    const body = {
      contents: [
        content("1", { "twilio/text": { body: "Hello {{1}}, {{2}} and {{1}}." } }),
        content(
          "2",
          { "twilio/text": { body: "Olá {{first_name}}" } },
          { status: "pending", category: "MARKETING" },
        ),
        content("9", { "twilio/text": { body: "Nobody uses me" } }),
      ],
      meta: { next_page_url: null },
    };
    const { found } = await list(() => ({ body }));
    expect(found).toEqual([
      {
        name: "template_1",
        language: "en",
        status: "APPROVED",
        category: "UTILITY",
        header: [],
        body: ["1", "2"],
        buttons: [],
        alsoNeeds: [],
      },
      {
        name: "template_2",
        language: "en",
        status: "PENDING",
        category: "MARKETING",
        header: [],
        body: ["first_name"],
        buttons: [],
        alsoNeeds: [],
      },
    ]);
  });

  it("P14: have buttons, headers and files with variables, in the form that was approved", async () => {
    const card = {
      body: "Report {{2}}",
      header_text: "News on {{1}}",
      actions: [
        { type: "URL", title: "Home", url: "https://city.example/" },
        { type: "URL", title: "Open", url: "https://city.example/t/{{3}}" },
        { type: "QUICK_REPLY", title: "Thanks", id: "thanks_{{4}}" },
        { type: "QUICK_REPLY", title: "No", id: "no" },
      ],
    };
    const { found } = await list(() => ({
      body: {
        contents: [
          content(
            "1",
            { "twilio/text": { body: "for SMS" }, "whatsapp/card": card },
            { content_type: "whatsapp/card" },
          ),
          content("2", { "twilio/media": { body: "Photo", media: ["https://city.example/{{1}}.png"] } }),
          content("3", { "twilio/card": { title: "Hello {{1}}" } }),
          { ...content("4", { "twilio/text": { body: "never submitted" } }), approval_requests: null },
        ],
      },
    }));
    expect(found[0]).toMatchObject({
      header: ["1"],
      body: ["2"],
      buttons: [
        { type: "url", index: 1 },
        { type: "quick_reply", index: 2 },
      ],
    });
    expect(found[1]).toMatchObject({ body: [], alsoNeeds: ["the variable of its file's address"] });
    expect(found[2]).toMatchObject({ body: ["1"] });
    expect(found[3]).toMatchObject({ status: "UNSUBMITTED", category: "UNKNOWN" });
  });

  it("are read page after page from the address of the settings only, with our token", async () => {
    const { found, calls } = await list(({ query }) => {
      const page = Number(query["Page"] ?? 0);
      const next = `https://elsewhere.example/v1/ContentAndApprovals?PageSize=500&Page=${page + 1}&PageToken=T${page + 1}`;
      return {
        body: {
          contents: [content(String(page + 1), { "twilio/text": { body: "Hi" } })],
          meta: { next_page_url: page < 2 ? next : null },
        },
      };
    });
    expect(found.map(({ name }) => name)).toEqual(["template_1", "template_2", "template_3"]);
    expect(calls.map(({ path, query }) => [path, query["PageToken"]])).toEqual([
      ["/v1/ContentAndApprovals", undefined],
      ["/v1/ContentAndApprovals", "T1"],
      ["/v1/ContentAndApprovals", "T2"],
    ]);
    const expected = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString("base64")}`;
    for (const { headers } of calls) expect(headers.authorization).toBe(expected);
  });

  it("are not asked for when the settings name none", async () => {
    expect(await list(() => ({ status: 500 }), [])).toEqual({ found: [], calls: [] });
  });

  it("with a token that is no good say so", async () => {
    await expect(list(() => ({ status: 401, body: { code: 20003 } }))).rejects.toMatchObject({
      kind: "auth",
    });
  });
});
