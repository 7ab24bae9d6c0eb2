import { afterEach, expect, test } from "vitest";
import { sampleTemplates } from "../../src/sandbox/graph/sample-templates.ts";
import type { GraphTemplate } from "../../src/sandbox/graph/settings.ts";
import type { TemplateInfo } from "../../src/sdk/index.ts";
import { TOKEN as EMULATOR_TOKEN, templates as emulated, NUMBER, startPair } from "../sandbox/graph-setup.ts";
import { type Call, createChannel, graphErrorBody, type Reply, startGraph, TOKEN } from "./graph-server.ts";

const ACCOUNT = "200000000000001";
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** What the channel lists from a Graph that answers like this, and how it asked. */
async function list(answer: (call: Call) => Reply): Promise<{ found: TemplateInfo[]; calls: Call[] }> {
  const server = await startGraph(answer);
  stops.push(server.stop);
  const channel = createChannel({ graphUrl: server.url, businessAccountId: ACCOUNT });
  return { found: (await channel.listTemplates?.()) ?? [], calls: server.calls };
}

const template = (name: string, components: unknown[] = []) => ({
  name,
  language: "en",
  status: "APPROVED",
  category: "UTILITY",
  components,
});

async function listOne(components: unknown[]): Promise<TemplateInfo | undefined> {
  return (await list(() => ({ body: { data: [template("one", components)] } }))).found[0];
}

test("P14: all pages of the account's templates are read, by cursor, with our token", async () => {
  const { found, calls } = await list(({ query }) => {
    const page = Number(query["after"]?.replace("cursor-", "") ?? 0);
    const cursors = { before: "cursor-0", after: `cursor-${page + 1}` };
    const next = page < 2 ? { next: "https://elsewhere.example/never-followed" } : {};
    return { body: { data: [template(`t${page}a`), template(`t${page}b`)], paging: { cursors, ...next } } };
  });
  expect(found.map(({ name }) => name)).toEqual(["t0a", "t0b", "t1a", "t1b", "t2a", "t2b"]);
  expect(calls.map(({ query }) => query["after"])).toEqual([undefined, "cursor-1", "cursor-2"]);
  for (const { method, path, headers } of calls) {
    expect([method, path]).toEqual(["GET", `/v25.0/${ACCOUNT}/message_templates`]);
    expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
  }
});

test("pages that go in circles end in an error", async () => {
  const paging = { cursors: { after: "same" }, next: "https://graph.example/again" };
  const listing = list(() => ({ body: { data: [template("t")], paging } }));
  await expect(listing).rejects.toMatchObject({ kind: "unavailable" });
});

test("P14: variables are counted once, by number or by name, in header, body and addresses", async () => {
  expect(
    await listOne([
      { type: "HEADER", format: "TEXT", text: "News on {{1}}" },
      { type: "BODY", text: "Hello {{1}}, {{2}} and again {{ 1 }}." },
      { type: "FOOTER", text: "City" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "URL", text: "Home", url: "https://city.example/" },
          { type: "URL", text: "Open", url: "https://city.example/t/{{1}}" },
          { type: "QUICK_REPLY", text: "Thanks" },
          { type: "PHONE_NUMBER", text: "Call", phone_number: "+441632960961" },
        ],
      },
    ]),
  ).toEqual({
    name: "one",
    language: "en",
    status: "APPROVED",
    category: "UTILITY",
    header: ["1"],
    body: ["1", "2"],
    buttons: [
      { type: "url", index: 1 },
      { type: "quick_reply", index: 2 },
    ],
    alsoNeeds: [],
  });
  expect(await listOne([{ type: "BODY", text: "Olá {{first_name}}, {{case}}!" }])).toMatchObject({
    body: ["first_name", "case"],
  });
});

test.each([
  [{ type: "HEADER", format: "LOCATION" }, "a header of the kind location"],
  [{ type: "CAROUSEL", cards: [] }, "the cards of a carousel"],
  [{ type: "BUTTONS", buttons: [{ type: "MPM", text: "Choose" }] }, "the products of button 0"],
])("P14: what text cannot fill is named: %j", async (component, need) => {
  expect(await listOne([{ type: "BODY", text: "Hello" }, component])).toMatchObject({ alsoNeeds: [need] });
});

test.each(["image", "video", "document"])("a %s in the header is told as such", async (headerMedia) => {
  const header = { type: "HEADER", format: headerMedia.toUpperCase() };
  expect(await listOne([header, { type: "BODY", text: "Hello" }])).toMatchObject({
    headerMedia,
    alsoNeeds: [],
  });
});

test("codes and forms are told by the position of their buttons", async () => {
  const types = ["QUICK_REPLY", "COPY_CODE", "FLOW", "PHONE_NUMBER"];
  const buttons = types.map((type) => ({ type, text: "Tap" }));
  expect(await listOne([{ type: "BUTTONS", buttons }])).toMatchObject({
    buttons: [
      { type: "quick_reply", index: 0 },
      { type: "copy_code", index: 1 },
      { type: "flow", index: 2 },
    ],
    alsoNeeds: [],
  });
});

test("P15: a template in any state is listed; an entry without name or language is left out", async () => {
  const odd = { ...template("odd"), status: "IN_APPEAL", category: "MARKETING" };
  const { found } = await list(() => ({ body: { data: [{ name: "nameless" }, odd, "what", { name: 7 }] } }));
  expect(found).toMatchObject([{ name: "odd", status: "IN_APPEAL", category: "MARKETING" }]);
});

test("a token that may not read the account says so", async () => {
  const refused = list(() => ({ status: 401, body: graphErrorBody(190) }));
  await expect(refused).rejects.toMatchObject({ kind: "auth" });
});

test("without the account's id there is nothing to list with", () => {
  expect(createChannel().listTemplates).toBeUndefined();
});

test("P14: the emulator's templates are listed, over several pages", async () => {
  const many: GraphTemplate[] = Array.from({ length: 230 }, (_, index) => ({
    ...(sampleTemplates[0] as GraphTemplate),
    name: `extra_${index}`,
  }));
  const pair = await startPair({ templates: [...emulated, ...many] });
  stops.push(pair.stop);
  const channel = createChannel({
    graphUrl: pair.graph.url,
    phoneNumberId: NUMBER,
    accessToken: EMULATOR_TOKEN,
    businessAccountId: "102290129340398",
  });
  const found = (await channel.listTemplates?.()) ?? [];
  expect(found.map(({ name }) => name)).toEqual([...emulated, ...many].map(({ name }) => name));
  expect(found.slice(0, 3)).toMatchObject([
    { name: "ticket_update", header: ["1"], body: ["1", "2"], buttons: [{ type: "url", index: 0 }] },
    { name: "named_update", language: "pt_BR", body: ["first_name"], status: "APPROVED" },
    { name: "waiting", status: "PENDING", body: [] },
  ]);
  expect(found[3]).toMatchObject({ name: "extra_0", body: ["1", "2"], category: "UTILITY" });
});
