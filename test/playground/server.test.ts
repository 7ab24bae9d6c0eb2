import { randomUUID } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import supertest from "supertest";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { readPayloadInput } from "../../src/app/payload-input.ts";
import { readPayload } from "../../src/app/playground-inputs.ts";
import { channelTypes } from "../../src/channels/registry.ts";
import { messageTypes } from "../../src/domain/message.ts";
import { mappingKinds } from "../../src/domain/records.ts";
import { createMapper } from "../../src/mapping/mapper.ts";
import type { Sample, Start } from "../../src/playground/protocol.ts";
import { createSamples } from "../../src/playground/samples.ts";
import { createPlaygroundApp } from "../../src/playground/server.ts";

const token = "a-token";
const page = { html: "<p>{{style-nonce}}</p>", icon: "<svg/>", script: "1", styles: "a{}" };
const root = mkdtempSync(join(tmpdir(), "playground-"));
const mapper = createMapper({ children: 1 });
let folder: string;
let agent: ReturnType<typeof supertest>;

beforeEach(() => {
  folder = join(root, randomUUID());
  cpSync("mappings/sandbox", folder, { recursive: true });
  const names = Object.keys(channelTypes);
  const tools = {
    folder,
    mapper,
    readPayload,
    readCasePayload: readPayloadInput,
    channelTypes: names,
    samples: createSamples(readPayload),
  };
  agent = supertest(createPlaygroundApp(tools, page, token));
});
afterAll(async () => {
  await mapper.close();
  rmSync(root, { recursive: true });
});

const ask = (name: string, body: object) =>
  agent.post(`/api/${name}`).set("x-playground-token", token).send(body);
const start = async (): Promise<Start> =>
  (await agent.get("/api/start").set("x-playground-token", token).expect(200)).body;
const fileOf = (name: string) => readFileSync(join(folder, name), "utf8");
const kindOf = async (name: string) =>
  (await start()).kinds.find(({ kind }) => kind === name) ?? expect.unreachable();
const message = {
  channel: "city",
  person: { phone: "+254711222333" },
  message: { type: "text", text: "Pump" },
};

describe("the page", () => {
  test("opens with its token only, and with nothing inline but the editor's own styles", async () => {
    await agent.get("/").expect(403);
    await agent.get("/?token=another").expect(403);
    await agent.get("/?token=a-token&token=a-token").expect(403);
    const { headers, text } = await agent.get(`/?token=${token}`).expect(200);
    const policy = String(headers["content-security-policy"]);
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`'nonce-${/<p>(.+)<\/p>/.exec(text)?.[1]}'`);
    expect([headers["cache-control"], headers["referrer-policy"]]).toEqual(["no-store", "no-referrer"]);
  });

  test("has script and styles, which tell nothing, without it", async () => {
    for (const path of ["/main.js", "/main.css", "/favicon.svg"]) await agent.get(path).expect(200);
    const got = async (path: string) => {
      const { text, body, headers } = await agent.get(path);
      return [headers["content-type"], text ?? String(body)];
    };
    expect(await got("/main.js")).toEqual(["text/javascript; charset=utf-8", page.script]);
    expect(await got("/main.css")).toEqual(["text/css; charset=utf-8", page.styles]);
    expect(await got("/favicon.svg")).toEqual(["image/svg+xml; charset=utf-8", page.icon]);
    const nothing = await agent.get("/nothing").expect(404);
    expect(nothing.body).toEqual({ error: "There is nothing here." });
    expect(nothing.headers).not.toHaveProperty("x-powered-by");
    await agent.get("/../package.json").expect(404);
    await agent.get("/%2e%2e/package.json").expect(404);
  });
});

describe("requests that do not come from the page", () => {
  test.each([
    ["without the token", {}],
    ["with another token", { "x-playground-token": "another" }],
    ["of another host's name, by DNS rebinding", { "x-playground-token": token, host: "evil.example" }],
    ["of another port's name", { "x-playground-token": token, host: "127.0.0.1:1" }],
    ["of another origin", { "x-playground-token": token, origin: "http://evil.example" }],
    ["of no origin that can be named", { "x-playground-token": token, origin: "null" }],
    ["of another site", { "x-playground-token": token, "sec-fetch-site": "cross-site" }],
    ["of another port of this machine", { "x-playground-token": token, "sec-fetch-site": "same-site" }],
  ])("%s are refused, and nothing is written", async (_what, headers) => {
    const before = fileOf("ticket.jsonata");
    const { stamp } = await kindOf("ticket");
    const request = agent.post("/api/save").set(headers as Record<string, string>);
    await request.send({ kind: "ticket", source: "1", stamp }).expect(403);
    expect(fileOf("ticket.jsonata")).toBe(before);
  });

  test("that are larger than two megabytes, or no JSON, are refused in words", async () => {
    const large = await ask("evaluate", { kind: "ticket", source: "1", input: "x".repeat(2_200_000) });
    expect([large.status, large.body.error]).toEqual([413, "That is more than 2mb. Shorten it."]);
    const odd = agent
      .post("/api/save")
      .set({ "x-playground-token": token, "content-type": "application/json" });
    expect((await odd.send("{")).status).toBe(400);
    await ask("save", { kind: "../../etc", source: "1", stamp: null }).expect(400);
    await ask("save", { kind: "ticket", stamp: null }).expect(400);
  });
});

describe("a request of the page that lacks something", () => {
  const ticket = { kind: "ticket", source: "1" };
  test.each<[string, unknown, string]>([
    ["evaluate", [], "kind: one of contact, ticket, route, comment, confirmation"],
    ["evaluate", { source: "1" }, "kind: one of contact, ticket, route, comment, confirmation"],
    ["evaluate", { kind: "ticket" }, "source: text"],
    ["evaluate", { kind: "ticket", source: 7 }, "source: text"],
    ["save", ticket, "stamp: text or null"],
    ["save", { ...ticket, stamp: 7 }, "stamp: text or null"],
    ["payload", { body: "{}" }, "channelType: text"],
    ["payload", { channelType: "meta" }, "body: text"],
    ["payload", { channelType: "fax", body: "{}" }, 'There is no channel type "fax". Known are: meta, '],
    ["cases", ticket, "name: text"],
    ["cases", { ...ticket, name: " " }, "Give the test case a name."],
    ["nothing", {}, "There is nothing here."],
  ])("%s with %j is told: %s", async (path, body, error) => {
    const { status, body: told } = await ask(path, body as object);
    expect(status).toBe(path === "nothing" ? 404 : 400);
    expect(told.error).toContain(error);
  });

  test("has no body at all", async () => {
    const { status, body } = await agent.post("/api/evaluate").set("x-playground-token", token);
    expect([status, body.error]).toEqual([400, "Send a JSON object."]);
  });

  test("comes from elsewhere, and is told by which address to come", async () => {
    const told = async (headers: Record<string, string>) => (await agent.get("/").set(headers)).body.error;
    expect(await told({ host: "evil.example" })).toBe("Open the playground by the address that it printed.");
    expect(await told({ origin: "http://evil.example" })).toBe("Only the playground's own page may ask.");
    expect(await told({})).toBe("Open the playground by the whole address that it printed, with its token.");
  });
});

describe("what it starts with", () => {
  test("the folder, the channel types, and every function with what is known of it", async () => {
    const { folder: shown, channelTypes: types, functions } = await start();
    expect(shown).toBe(folder);
    expect(types).toEqual(Object.keys(channelTypes));
    expect(functions.find(({ name }) => name === "plain")).toEqual({
      name: "plain",
      signature: "$plain(text, max?)",
      about: expect.stringContaining("without control characters"),
    });
    expect(functions).toContainEqual({ name: "substring" });
    expect((await kindOf("route")).file).toBe("route.jsonata");
  });

  test("every kind of file, with the fields of its record", async () => {
    const { kinds } = await start();
    expect(kinds.map(({ kind }) => kind)).toEqual([...mappingKinds]);
    const contact = kinds.find(({ kind }) => kind === "contact");
    expect(contact?.source).toBe(fileOf("contact.jsonata"));
    expect(contact?.schema.properties?.["phone"]?.description).toBe("E.164 with +");
    expect(contact?.cases.length).toBeGreaterThan(3);
  });

  test("a sample of every type of message, read by the real parser, and of every status", async () => {
    const [messages, changes] = (await start()).samples;
    const typeOf = ({ inputs }: Sample) => (inputs["ticket"] as typeof message).message.type;
    expect(new Set(messages?.samples.map(typeOf))).toEqual(new Set(messageTypes));
    const others = mappingKinds.filter((kind) => kind !== "confirmation");
    for (const { inputs } of messages?.samples ?? [])
      expect(Object.keys(inputs).sort()).toEqual([...others].sort());
    expect(changes?.samples.length).toBe(6);
  });

  test("samples that the starter mappings make valid records of", async () => {
    const { samples, kinds } = await start();
    for (const { title, inputs } of samples.flatMap((group) => group.samples))
      for (const { kind, source } of kinds) {
        if (!(kind in inputs) || source === "") continue;
        const { body } = await ask("evaluate", { kind, source, input: inputs[kind] }).expect(200);
        expect(body.fault, `${kind} of ${title}`).toBeUndefined();
      }
  });
});

describe("a text that is not saved", () => {
  test("makes its record, and nothing is written", async () => {
    const files = readdirSync(folder);
    const source = `{"subject": message.text & "!"}`;
    const { body } = await ask("evaluate", { kind: "ticket", source, input: message }).expect(200);
    expect(body.record).toEqual({ subject: "Pump!" });
    expect([readdirSync(folder), fileOf("ticket.jsonata")]).toEqual([files, (await kindOf("ticket")).source]);
  });

  test("tells a slip with its line, and each wrong field with its own and what was made", async () => {
    const slip = await ask("evaluate", { kind: "ticket", source: `{\n"subject": 1 2}`, input: message });
    expect(slip.body.fault).toMatchObject({ kind: "compile", line: 2 });
    const source = `{\n"subject": message.text,\n"priority": "very high"}`;
    const wrong = await ask("evaluate", { kind: "ticket", source, input: message });
    expect(wrong.body.fault).toMatchObject({
      kind: "record",
      fields: [{ path: "priority", line: 3 }],
      produced: { subject: "Pump", priority: "very high" },
    });
  });
});

describe("a payload", () => {
  test("of each channel type becomes inputs, by its parser", async () => {
    for (const [channelType, file] of [
      ["meta", "test/payloads/meta/an-image-with-a-caption.json"],
      ["dialog360", "test/payloads/dialog360/a-text.json"],
    ] as const) {
      const { payload } = JSON.parse(readFileSync(file, "utf8")) as { payload: unknown };
      const { body } = await ask("payload", { channelType, body: JSON.stringify(payload) }).expect(200);
      expect(body.found).toHaveLength(1);
      expect(body.found[0].inputs.comment.message.text).toMatch(/pothole|[a-z]/);
    }
    const { form } = JSON.parse(readFileSync("test/payloads/twilio/a-text.json", "utf8")) as { form: object };
    const sent = String(new URLSearchParams(Object.entries(form)));
    const { body } = await ask("payload", { channelType: "twilio", body: sent }).expect(200);
    expect(body.found[0].inputs.ticket.message.text).toMatch(/lamp in Mill Road/);
  });

  test("that holds no message tells why, and an unknown channel type which are known", async () => {
    const { payload } = JSON.parse(readFileSync("test/payloads/meta/receipts-in-any-order.json", "utf8"));
    const { body } = await ask("payload", { channelType: "meta", body: JSON.stringify(payload) }).expect(200);
    expect(body).toEqual({
      found: [],
      left: expect.arrayContaining(["receipt.updated: no mapping file is asked"]),
    });
    expect((await ask("payload", { channelType: "meta", body: "oops" })).body.left[0]).toMatch(/quarantine/);
    const unknown = await ask("payload", { channelType: "constructor", body: "{}" });
    expect([unknown.status, unknown.body.error]).toEqual([400, expect.stringContaining("Known are: meta")]);
  });
});

describe("saving", () => {
  test("writes the file whole, and leaves nothing else behind", async () => {
    const files = readdirSync(folder);
    const { stamp } = await kindOf("ticket");
    const { body } = await ask("save", { kind: "ticket", source: "/* mine */ 1", stamp }).expect(200);
    expect(fileOf("ticket.jsonata")).toBe("/* mine */ 1");
    expect(body.stamp).toBe((await kindOf("ticket")).stamp);
    expect(readdirSync(folder)).toEqual(files);
  });

  test("keeps the rights of the file", async () => {
    chmodSync(join(folder, "ticket.jsonata"), 0o640);
    const { stamp } = await kindOf("ticket");
    await ask("save", { kind: "ticket", source: "1", stamp }).expect(200);
    expect(statSync(join(folder, "ticket.jsonata")).mode & 0o777).toBe(0o640);
  });

  test("says that the file was changed meanwhile, and overwrites nothing", async () => {
    const { stamp } = await kindOf("ticket");
    writeFileSync(join(folder, "ticket.jsonata"), "/* theirs */ 2");
    const { body } = await ask("save", { kind: "ticket", source: "/* mine */ 1", stamp }).expect(200);
    expect(body.conflict.source).toBe("/* theirs */ 2");
    expect(fileOf("ticket.jsonata")).toBe("/* theirs */ 2");
    await ask("save", { kind: "ticket", source: "/* mine */ 1", stamp: body.conflict.stamp }).expect(200);
    expect(fileOf("ticket.jsonata")).toBe("/* mine */ 1");
  });

  test("makes a file that was not there, unless somebody else did", async () => {
    rmSync(join(folder, "confirmation.jsonata"));
    expect(await kindOf("confirmation")).toMatchObject({ source: "", stamp: null });
    writeFileSync(join(folder, "confirmation.jsonata"), "theirs");
    const { body } = await ask("save", { kind: "confirmation", source: "null", stamp: null }).expect(200);
    expect(body.conflict.source).toBe("theirs");
  });

  test("does not follow a link out of the folder", async () => {
    const outside = join(root, "outside.jsonata");
    writeFileSync(outside, "outside");
    rmSync(join(folder, "ticket.jsonata"));
    symlinkSync(outside, join(folder, "ticket.jsonata"));
    const { stamp } = await kindOf("ticket");
    const { status, body } = await ask("save", { kind: "ticket", source: "mine", stamp });
    expect([status, body.error]).toEqual([409, expect.stringContaining("link to a file outside")]);
    expect(readFileSync(outside, "utf8")).toBe("outside");
  });
});

describe("test cases", () => {
  const source = `{"subject": message.text}`;

  test("of the present input are added to the file with what the mapping makes of it", async () => {
    const { body } = await ask("cases", { kind: "ticket", source, input: message, name: " mine " }).expect(
      200,
    );
    expect(body).toMatchObject({ file: "ticket.test.json", outcome: "record" });
    const cases = JSON.parse(fileOf("ticket.test.json")) as object[];
    expect(cases.at(-1)).toEqual({ name: "mine", input: message, expected: { subject: "Pump" } });
    expect(body.cases.at(-1)).toEqual({ title: "mine", inputs: { ticket: message } });
  });

  test("of an input that fails expect the error, and pass when they are run", async () => {
    const { stamp } = await kindOf("ticket");
    await ask("save", { kind: "ticket", source: `{"subject": message.text, "tags": 7}`, stamp }).expect(200);
    const { source: now } = await kindOf("ticket");
    const { body } = await ask("cases", { kind: "ticket", source: now, input: message, name: "tags" }).expect(
      200,
    );
    expect(body.outcome).toBe("error");
    const { results } = (await ask("tests", {}).expect(200)).body;
    expect(results.find((one: { name: string }) => one.name === "tags").failure).toBeUndefined();
  });

  test("keep their names apart, and a file that cannot be read as it is", async () => {
    await ask("cases", { kind: "ticket", source, input: message, name: "mine" }).expect(200);
    const twice = await ask("cases", { kind: "ticket", source, input: message, name: "mine" });
    expect([twice.status, twice.body.error]).toEqual([409, expect.stringContaining("Choose another name")]);
    await ask("cases", { kind: "ticket", source, input: message, name: " " }).expect(400);
    writeFileSync(join(folder, "ticket.test.json"), "[oops");
    await ask("cases", { kind: "ticket", source, input: message, name: "other" }).expect(409);
    expect(fileOf("ticket.test.json")).toBe("[oops");
  });

  test("of the folder are run as map test runs them; files that cannot be loaded are told", async () => {
    const { results } = (await ask("tests", {}).expect(200)).body;
    expect(results.length).toBeGreaterThan(20);
    expect(results.filter((one: { failure?: string }) => one.failure)).toEqual([]);
    writeFileSync(join(folder, "comment.jsonata"), "{");
    const broken = (await ask("tests", {}).expect(200)).body.results;
    expect(JSON.stringify(broken)).toContain("comment.jsonata");
    expect(existsSync(join(folder, "comment.test.json"))).toBe(true);
  });
});
