import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphOperations } from "../../src/sandbox/graph/graph-api.ts";
import { call } from "./callback-server.ts";
import { NUMBER, number, type Pair, startPair, templates, text } from "./graph-setup.ts";

const WABA = "102290129340398";
let pair: Pair;
let media: string;
beforeAll(async () => {
  const other = number({ phoneNumberId: "2", accessToken: "other", wabaId: "w2" });
  pair = await startPair({ numbers: [number(), other] });
  const file = { mimeType: "image/png", base64: Buffer.from("photo").toString("base64") };
  await pair.write({ type: "image", media: file });
  const { messages } = (await pair.control("GET", "/ledger")).body as {
    messages: { message: { image: { id: string } } }[];
  };
  media = messages[0]?.message.image.id ?? "";
});
afterAll(() => pair.stop());

const unknown = (id: string) => ({
  status: 400,
  body: {
    error: {
      code: 100,
      error_data: {
        details: `Object with ID '${id}' does not exist, cannot be loaded due to missing permissions`,
      },
    },
  },
});
const noLogin = {
  status: 401,
  body: {
    error: { code: 190, error_data: { details: "Invalid OAuth access token - Cannot parse access token" } },
  },
};

test("the operations that a fault can name are those of the API", () => {
  const names = ["send", "upload", "media.address", "media.download", "object", "templates", "subscriptions"];
  expect(graphOperations).toEqual(names);
});

test.each<[method: string, path: () => string]>([
  ["GET", () => NUMBER],
  ["GET", () => media],
  ["GET", () => `${WABA}/message_templates`],
  ["GET", () => `${WABA}/subscribed_apps`],
  ["POST", () => `${NUMBER}/messages`],
  ["POST", () => `${NUMBER}/media`],
  ["GET", () => "../whatsapp_business/attachments/"],
])("%s of %s wants a token that we know", async (method, path) => {
  const ask = (token: string) =>
    call(`${pair.graph.url}/v26.0/${path()}`, { method, token, ...(method === "POST" ? { json: {} } : {}) });
  expect(await ask("wrong")).toMatchObject(noLogin);
  expect(await ask("")).toMatchObject(noLogin);
  const bare = await fetch(`${pair.graph.url}/v26.0/${path()}`, {
    method,
    headers: { Authorization: "Token graph-token" },
  });
  expect(bare.status).toBe(401);
  const late = await fetch(`${pair.graph.url}/v26.0/${path()}`, {
    method,
    headers: { Authorization: "X Bearer graph-token" },
  });
  expect(late.status).toBe(401);
});

test("a token is good for its own number, account and files alone", async () => {
  expect(await pair.get(NUMBER, "other")).toMatchObject(unknown(NUMBER));
  expect(await pair.get(media, "other")).toMatchObject(unknown(media));
  expect(await pair.get(`${WABA}/message_templates`, "other")).toMatchObject(unknown(WABA));
  expect(await pair.get(`${WABA}/subscribed_apps`, "other")).toMatchObject(unknown(WABA));
  expect(await pair.send(text("hi"), "other")).toMatchObject(unknown(NUMBER));
});

test("a path that is not there is told", async () => {
  const details = "Unknown path components";
  const answer = await pair.get(`${NUMBER}/nowhere`);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 100, error_data: { details } } } });
});

const whole = {
  id: NUMBER,
  display_phone_number: "+44 1632 960961",
  verified_name: "City of Example",
  quality_rating: "GREEN",
  code_verification_status: "VERIFIED",
  platform_type: "CLOUD_API",
  throughput: { level: "STANDARD" },
};

test.each([
  ["", whole],
  ["?fields=", whole],
  ["?fields=quality_rating", { id: NUMBER, quality_rating: "GREEN" }],
  [
    "?fields=verified_name,throughput",
    { id: NUMBER, verified_name: whole.verified_name, throughput: whole.throughput },
  ],
  ["?fields=absent", { id: NUMBER }],
])("the number read with '%s' shows %j", async (query, body) => {
  expect(await pair.get(`${NUMBER}${query}`)).toEqual({ status: 200, body });
});

test("a file is described, downloaded from its address, and only under its own number", async () => {
  const answer = await pair.get(`${media}?phone_number_id=${NUMBER}`);
  expect(answer).toEqual({
    status: 200,
    body: {
      messaging_product: "whatsapp",
      url: expect.stringContaining(`${pair.graph.url}/whatsapp_business/attachments/?mid=${media}`),
      mime_type: "image/png",
      sha256: createHash("sha256").update("photo").digest("hex"),
      file_size: 5,
      id: media,
    },
  });
  expect(await pair.get(`${media}?phone_number_id=2`)).toMatchObject(unknown(media));
  const { url } = answer.body as { url: string };
  const headers = { Authorization: "Bearer graph-token" };
  const file = await fetch(url, { headers });
  expect([file.headers.get("content-type"), await file.text()]).toEqual(["image/png", "photo"]);
  const forged = await fetch(url.replace(/hash=./, "hash=x"), { headers });
  expect([forged.status, await forged.text()]).toEqual([404, "Sorry, the address has expired."]);
});

interface Page {
  data: { name: string; id: string }[];
  paging: { cursors: object; next?: string };
}
const listed = async (query: string) => {
  const { data, paging } = (await pair.get(`${WABA}/message_templates${query}`)).body as Page;
  return { names: data.map(({ name }) => name), ids: data.map(({ id }) => id), paging };
};

test("templates come in pages that lead to the next, each with an id", async () => {
  expect(await listed("?limit=2")).toEqual({
    names: ["ticket_update", "named_update"],
    ids: ["7000000", "7000001"],
    paging: {
      cursors: { before: "0", after: "2" },
      next: `${pair.graph.url}/v26.0/${WABA}/message_templates?limit=2&after=2`,
    },
  });
  expect(await listed("?limit=2&after=2")).toEqual({
    names: ["waiting"],
    ids: ["7000002"],
    paging: { cursors: { before: "2", after: "3" } },
  });
  expect((await listed("?limit=3")).paging).toEqual({ cursors: { before: "0", after: "3" } });
});

test.each([
  ["", ["ticket_update", "named_update", "waiting"]],
  ["?name=waiting", ["waiting"]],
  ["?language=en", ["ticket_update", "waiting"]],
  ["?status=PENDING", ["waiting"]],
  ["?status=APPROVED&language=en", ["ticket_update"]],
  ["?name=", ["ticket_update", "named_update", "waiting"]],
  ["?name=absent", []],
])("templates asked for with '%s' are %j", async (query, names) => {
  expect((await listed(query)).names).toEqual(names);
});

test("25 templates are a page unless asked otherwise", async () => {
  const [first] = templates;
  await pair.control(
    "PUT",
    "/templates",
    Array.from({ length: 26 }, (_each, index) => ({ ...first, name: `t${index}` })),
  );
  expect((await listed("")).names).toHaveLength(25);
  await pair.control("PUT", "/templates", templates);
});

test("an app is subscribed where a number of the account has a callback", async () => {
  const app = { id: "670843887433847", name: "Deskferry sandbox", link: "" };
  const answer = await pair.get(`${WABA}/subscribed_apps`);
  expect(answer).toEqual({ status: 200, body: { data: [{ whatsapp_business_api_data: app }] } });
});

test.each([
  ["send", () => pair.send(text("hi"))],
  ["object", () => pair.get(NUMBER)],
  ["media.address", () => pair.get(media)],
  ["media.download", () => pair.get("../whatsapp_business/attachments/")],
  ["templates", () => pair.get(`${WABA}/message_templates`)],
  ["subscriptions", () => pair.get(`${WABA}/subscribed_apps`)],
  ["upload", () => call(`${pair.graph.url}/v26.0/${NUMBER}/media`, { json: {}, token: "graph-token" })],
])("a fault of the operation '%s' spoils that request", async (operation, ask) => {
  await pair.control("POST", "/faults", { operation, status: 418 });
  expect((await ask()).status).toBe(418);
  await pair.control("DELETE", "/faults");
});
