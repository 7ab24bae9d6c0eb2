import { readFile } from "node:fs/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Canary, createCanaries, findCanaries, formsOf } from "../support/canaries.ts";
import { jpeg, mp4, pdf } from "../support/sample-files.ts";
import { until } from "../support/until.ts";
import { startCanaryStack } from "./canary-setup.ts";

const canaries = createCanaries();
let stack: Awaited<ReturnType<typeof startCanaryStack>>;
let url = "";
const PATIENCE = { withinMs: 60_000, everyMs: 100 };
/** What was sent by hand rather than by the sandbox, which keeps a ledger. */
const sentByUs: string[] = [];
const wamids: string[] = [];

beforeAll(async () => {
  stack = await startCanaryStack(canaries);
  url = await stack.start();
}, 90_000);
afterAll(() => stack?.stop());

const channel = `canaries-${process.pid}`;
const hook = () => `${url}/webhooks/channels/${channel}`;
const sent = <T>(value: T): T => {
  sentByUs.push(JSON.stringify(value));
  return value;
};
const person = () => sent({ phone: canaries.phone(), name: canaries.name() });
const agent = () => sent({ id: "agent-7", name: canaries.name() });
/** A file with a text in it. */
const marked = (bytes: Buffer) => Buffer.concat([bytes, Buffer.from(sent(canaries.text()))]);

async function write(message: Record<string, unknown>, who: Record<string, unknown> = person()) {
  const answer = await stack.main.graph("POST", "/messages", { person: sent(who), wait: true, ...message });
  wamids.push(...(answer as { wamids: string[] }).wamids);
}

/** Scripts a side of the sandbox; what it is to say counts as sent. */
function script(side: "desk" | "graph", address: string, body: unknown) {
  return stack.main[side]("POST", address, sent(body));
}

/** Each fault strikes before the next is scripted, so that it strikes what it was meant for. */
function struck(side: "desk" | "graph") {
  const waiting = async () => (await stack.main[side]("GET", "/faults")) as { faults: unknown[] };
  return until(`the fault of ${side}`, async () => (await waiting()).faults.length === 0, PATIENCE);
}

const tickets = async () => (await stack.main.deskLedger()).tickets;
const ticketOf = (text: string) =>
  until(
    `the ticket of ${text}`,
    async () =>
      (await tickets()).find(({ comments }) => comments.some(({ body }) => body.includes(text)))?.id,
    PATIENCE,
  );
const file = (name: string, mimeType: string, bytes: Buffer) => ({
  name,
  mimeType,
  base64: bytes.toString("base64"),
});
const media = (mimeType: string, bytes: Buffer, fileName?: string) => ({
  media: { mimeType, base64: bytes.toString("base64"), ...(fileName ? { fileName } : {}) },
});
/** Sends what Meta would, or what somebody would who is not Meta. */
async function post(body: string, headers: Record<string, string> = {}, to = hook()): Promise<number> {
  sentByUs.push(`${to} ${JSON.stringify(headers)} ${body}`);
  return stack.ask(to, { method: "POST", body, headers });
}
const ask = (address: string, headers: Record<string, string> = {}) => {
  sentByUs.push(`${address} ${JSON.stringify(headers)}`);
  return stack.ask(address, { headers });
};
const dead = () => stack.deskferry("dead", "list", "--config", stack.main.config);

describe.sequential("200 canaries and more, sent", () => {
  it("as messages of every kind", async () => {
    await write({ text: canaries.text() });
    await write({ type: "image", text: canaries.text(), ...media("image/jpeg", marked(jpeg)) });
    await write({
      type: "document",
      text: canaries.text(),
      ...media("application/pdf", marked(pdf), canaries.file("pdf")),
    });
    await write({ type: "video", text: canaries.text(), ...media("video/mp4", marked(mp4)) });
    await write({ type: "audio", ...media("audio/ogg", Buffer.from("OggS")) });
    await write({
      type: "location",
      content: { latitude: 51.5, longitude: -0.12, name: canaries.name(), address: canaries.text() },
    });
    const card = { formatted_name: canaries.name(), first_name: canaries.name() };
    await write({
      type: "contacts",
      content: [{ name: card, phones: [{ phone: canaries.phone() }], org: { company: canaries.name() } }],
    });
    await write({ type: "button", content: { text: canaries.text(), payload: canaries.text() } });
    const tapped = { id: canaries.text(), title: canaries.text(), description: canaries.text() };
    await write({ type: "interactive", content: { type: "list_reply", list_reply: tapped } });
    const form = {
      name: "flow",
      body: canaries.text(),
      response_json: JSON.stringify({ a: canaries.text() }),
    };
    await write({ type: "interactive", content: { type: "nfm_reply", nfm_reply: form } });
    await write({ type: "reaction", content: { message_id: "wamid.X", emoji: "👍" } });
    const items = [{ product_retailer_id: canaries.text(), quantity: 1, item_price: 2, currency: "GBP" }];
    await write({ type: "order", content: { catalog_id: "1", text: canaries.text(), product_items: items } });
    await write({
      type: "system",
      content: { type: "user_changed_number", body: canaries.text(), wa_id: canaries.phone().slice(1) },
    });
    const details = {
      title: canaries.text(),
      message: canaries.text(),
      error_data: { details: canaries.text() },
    };
    await write({ type: "unsupported", content: {}, extra: { errors: [{ code: 131051, ...details }] } });
    await write({ type: "hologram", content: { light: canaries.text() } });
    const ad = { source_url: `https://ads.example/${canaries.text()}`, headline: canaries.text() };
    await write({ text: canaries.text(), extra: { referral: { source_type: "ad", ...ad } } });
    await write({ text: canaries.text() }, { userId: canaries.userId(), phone: null, name: canaries.name() });
    await write(
      { text: canaries.text() },
      { ...person(), userId: canaries.userId(), username: canaries.name(), hidePhone: true },
    );
    const twice = person();
    await write({ text: canaries.text(), repeat: 3 }, twice);
    await write({ text: canaries.text("STOP ") }, twice);
    await write({ text: "STOP" }, twice);
    await until("the tickets", async () => (await tickets()).length >= 15, PATIENCE);
  }, 90_000);

  it("into a helpdesk that refuses, fails and quotes", async () => {
    const echo = () => ({ body: { error: canaries.text(), given: { name: canaries.name() } } });
    const html = () => ({ body: `<h1>${canaries.text()}</h1>`, headers: { "Content-Type": "text/html" } });
    const faults = [
      { operation: "comment.add", status: 422, ...echo() },
      { operation: "ticket.create", status: 400, ...echo() },
      { operation: "contact.save", status: 409, ...echo() },
      { operation: "comment.add", status: 404, ...echo() },
      { operation: "ticket.create", status: 500, ...html() },
      { operation: "contact.save", status: 503, ...html() },
      { operation: "comment.add", status: 200, ...html() },
      {
        operation: "comment.add",
        status: 302,
        headers: { location: `https://x.example/${canaries.text()}` },
      },
      { operation: "comment.add", status: 429, headers: { "Retry-After": canaries.text() } },
      { operation: "comment.add", status: 403, ...echo() },
      { operation: "comment.add", reset: true },
      { operation: "ticket.create", reset: true, when: "after" },
      { operation: "contact.save", status: 401, ...echo() },
    ];
    for (const fault of faults) {
      await script("desk", "/faults", { times: 1, ...fault });
      await write({ text: canaries.text() });
      await struck("desk");
    }
    await script("graph", "/faults", { operation: "media.address", status: 404, ...echo() });
    await write({ type: "image", text: canaries.text(), ...media("image/png", marked(jpeg)) });
    await script("graph", "/faults", { operation: "media.download", status: 500, ...html() });
    await write({ type: "document", ...media("application/pdf", marked(pdf), canaries.file("pdf")) });
    await until("dead letters", async () => (await dead()).trimEnd().split("\n").length >= 3, PATIENCE);
  }, 120_000);

  it("into mappings that fail on them", async () => {
    const before = (await dead()).split("\n").length;
    const ways = [
      "ERROR",
      "ASSERT",
      "NUMBER",
      "DATE",
      "ADD",
      "TABLE",
      "LABEL",
      "KEY",
      "VALUE",
      "TYPE",
      "RECORD",
    ];
    for (const way of ways) await write({ text: canaries.text(`FAIL-${way} `) });
    // A name that names nothing makes nothing; all others are faults.
    const failing = ways.length - 2;
    await until("dead letters", async () => (await dead()).split("\n").length >= before + failing, PATIENCE);
  }, 90_000);

  it("back from staff, with refusals, files, templates and receipts", async () => {
    const text = canaries.text();
    await write({ text });
    const id = await ticketOf(text);
    const say = (body: string, more: object = {}) =>
      stack.main.desk("POST", `/tickets/${id}/comments`, {
        body,
        visibility: "public",
        agent: agent(),
        ...more,
      });
    await say(canaries.text());
    await say(canaries.text(), { visibility: "internal" });
    await say(canaries.text(), {
      attachments: [
        file(canaries.file("pdf"), "application/pdf", marked(pdf)),
        file(canaries.file("exe"), "application/pdf", Buffer.from("MZ this is a program")),
        file(`../../${canaries.file("jpg")}`, "image/jpeg", marked(jpeg)),
      ],
    });
    const sends = async () => (await stack.main.graphLedger()).sends.length;
    await until("four messages", async () => (await sends()) >= 4, PATIENCE);
    for (const code of [131026, 131047, 100, 130472, 131051, 999_999]) {
      await script("graph", "/faults", { code, details: canaries.text() });
      await say(canaries.text());
      await struck("graph");
    }
    for (const code of [131026, 131053]) {
      await script("graph", "/faults", { code, details: canaries.text(), delivery: "status" });
      await say(canaries.text());
    }
    await script("graph", "/faults", { operation: "upload", status: 400, body: canaries.text() });
    await say(canaries.text(), {
      attachments: [file(canaries.file("pdf"), "application/pdf", marked(pdf))],
    });
    await struck("graph");
    await script("desk", "/faults", { operation: "attachment.read", status: 404, body: canaries.text() });
    await say(canaries.text(), {
      attachments: [file(canaries.file("pdf"), "application/pdf", marked(pdf))],
    });
    await struck("desk");
    for (const status of ["resolved", "in_progress", "waiting"])
      await stack.main.desk("PATCH", `/tickets/${id}`, {
        status,
        agent: agent(),
      });
    const late = canaries.text();
    await write({ text: late, sentAt: Date.now() - 2 * 86_400_000 });
    const closed = await ticketOf(late);
    await stack.main.desk("POST", `/tickets/${closed}/comments`, {
      body: canaries.text(),
      visibility: "public",
    });
    const sentAsTemplate = async () =>
      (await stack.main.graphLedger()).sends.some(({ template }) => template?.name === "staff_reply");
    await until("the reply as a template", sentAsTemplate, PATIENCE);
  }, 120_000);

  it("as payloads that nobody expects", async () => {
    const change = (field: string, value: object) => script("graph", "/changes", { field, value });
    await change("messages", {
      statuses: [{ id: "wamid.Y", status: canaries.text(), recipient_id: canaries.phone() }],
    });
    await change("messages", { messages: [{ type: "text", text: { body: canaries.text() } }] });
    await change("messages", { messages: canaries.text() });
    await change("messages", {
      errors: [{ code: 130429, title: canaries.text(), message: canaries.text() }],
    });
    await change("smb_message_echoes", {
      message_echoes: [{ from: canaries.phone(), text: canaries.text() }],
    });
    await change("account_update", { event: canaries.text(), phone_number: canaries.phone() });
    await change("message_template_status_update", { event: canaries.text(), reason: canaries.text() });
    await change("nobody_knows_this", { secret: canaries.text() });
    for (const body of [
      `{"object":"whatsapp_business_account","entry":"${canaries.text()}"}`,
      `{"object":"${canaries.text()}"}`,
      `{"broken": "${canaries.text()}`,
      `"${canaries.text()}"`,
      `{"__proto__":{"text":"${canaries.text()}"},"entry":[{"id":"${canaries.phone()}"}]}`,
    ])
      expect(await post(body, stack.signed(body))).toBe(200);
    const listed = await stack.deskferry("quarantine", "list", "--config", stack.main.config);
    expect(listed.trimEnd().split("\n").length).toBeGreaterThanOrEqual(3);
  }, 60_000);

  it("by strangers, and to addresses that there are not", async () => {
    const body = JSON.stringify({ text: canaries.text(), from: canaries.phone() });
    expect(await post(body)).toBe(401);
    expect(await post(body, { "X-Hub-Signature-256": `sha256=${canaries.secret()}` })).toBe(401);
    expect(await post(body, stack.signed(body), `${url}/webhooks/channels/${canaries.name()}`)).toBe(401);
    expect(await post(body, { "Content-Encoding": "gzip", "X-Note": canaries.secret() })).toBe(415);
    const desk = `${url}/webhooks/connections/${channel}`;
    expect(await post(body, { "X-Sandbox-Signature": canaries.secret() }, desk)).toBe(401);
    for (const odd of [
      `{"broken":"${canaries.text()}`,
      JSON.stringify({ type: canaries.text(), id: canaries.name() }),
    ])
      expect(await post(odd, stack.signedByDesk(odd), desk)).toBe(200);
    const query = `hub.mode=subscribe&hub.verify_token=${canaries.secret()}&hub.challenge=${canaries.secret()}`;
    expect(await ask(`${hook()}?${query}`)).toBe(403);
    expect(await ask(`${url}/${canaries.name()}?token=${canaries.secret()}`)).toBe(404);
    expect(await ask(`${url}/webhooks/channels/%E0%A4%A-${canaries.name()}`)).toBe(400);
    const headers = { Authorization: `Bearer ${canaries.secret()}`, Cookie: `session=${canaries.secret()}` };
    for (const path of ["health/live", "health/ready", "metrics"])
      expect(await ask(`${url}/${path}?token=${canaries.secret()}`, headers)).toBe(200);
  }, 60_000);

  it("while Redis is full", async () => {
    const redis = new Redis(stack.redis.url);
    await redis.config("SET", "maxmemory", "1");
    await write({ text: canaries.text(), wait: false });
    const body = JSON.stringify({
      object: "whatsapp_business_account",
      entry: [{ id: "1", changes: [{ field: canaries.text(), value: { text: canaries.text() } }] }],
    });
    expect(await post(body, stack.signed(body))).toBe(503);
    expect(await stack.ask(`${url}/health/ready`)).toBeGreaterThanOrEqual(200);
    await redis.config("SET", "maxmemory", "0");
    await redis.quit();
    expect(await post(body, stack.signed(body))).toBe(200);
  }, 60_000);

  it("through a plugin that throws what nobody foresaw, down to the end of the process", async () => {
    await stack.startAngry();
    const angry = (text: string) =>
      stack.crashing.graph("POST", "/messages", {
        person: person(),
        text: canaries.text(`ANGRY-${text} `),
        wait: true,
      });
    for (const way of ["ERROR", "TYPE", "TEXT", "FRAME", "CAUSE"]) await angry(way);
    await until(
      "five waiting",
      () => stack.outputs.stdout.filter((line) => line.includes("unforeseen")).length >= 5,
      PATIENCE,
    );
    await angry("REJECTION");
    await until("the end", () => stack.ended.length === 1, PATIENCE);
    await stack.startAngry();
    await until("the end", () => stack.ended.length === 2, PATIENCE);
    await stack.startAngry();
    await angry("TIMER");
    await until("the end", () => stack.ended.length === 3, PATIENCE);
    expect(stack.ended.every((how) => how.endsWith("(1)"))).toBe(true);
  }, 120_000);

  it("until all is done, and asked about by an operator", async () => {
    const last = canaries.text();
    await write({ text: last });
    await ticketOf(last);
    const main = ["--config", stack.main.config];
    await stack.deskferry("dead", "list", "--reason", canaries.all[0]?.value ?? "", ...main);
    await stack.deskferry("check", "--show", ...main);
    await stack.deskferry("dead", "list", "--config", stack.crashing.config);
    for (const wamid of [wamids[1], wamids[2], wamids.at(-12), wamids.at(-1)])
      await stack.deskferry("trace", wamid ?? "", ...main);
    await stack.deskferry("health", "--port", new URL(url).port);
    await stack.deskferry("dead", "replay", "--all", ...main);
    await until("their second burial", async () => (await dead()).split("\n").length > 5, PATIENCE);
    for (const path of ["health/ready", "health/live"]) await stack.ask(`${url}/${path}`);
    stack.outputs.metrics.push(await (await fetch(`${url}/metrics`)).text());
  }, 300_000);

  it("of one who asks what is held of them, and to be forgotten", async () => {
    const [asks, says] = [person(), canaries.text()];
    await write({ text: says }, asks);
    await ticketOf(says);
    const main = ["--config", stack.main.config];
    const shown = await stack.deskferryAside("export", "--person", asks.phone, ...main);
    expect(shown).toContain(asks.name);
    // The command has the append-only file written anew: what stood in it until now is looked at before.
    await stack.readRedis();
    expect(await stack.deskferry("erase", "--person", asks.phone, ...main)).toContain('"person"');
    await Promise.all(["list", "verify"].map((what) => stack.deskferry("audit", what, ...main)));
  }, 240_000);

  it("are in no output: not on stdout, stderr or disk, in no metric, answer or command, and not in Redis' files", async () => {
    const ledgers = [stack.main, stack.crashing].flatMap((each) => [each.graphLedger(), each.deskLedger()]);
    const sandboxes = JSON.stringify(await Promise.all(ledgers));
    await stack.stopApps();
    await stack.readDisk();
    await stack.readRedis();
    const { outputs } = stack;
    const leaks = Object.entries(outputs).flatMap(([where, texts]) =>
      findCanaries(texts.join("\n"), canaries.all).map((what) => `${where}: ${what}`),
    );
    const sizes = Object.entries(outputs).map(([where, texts]) => `${where} ${texts.join("\n").length}`);
    const atDesk = findCanaries(
      JSON.stringify(await Promise.all(ledgers.filter((_, index) => index % 2 === 1))),
      canaries.all,
    );
    console.log(
      `canaries: ${canaries.all.length} sent, ${atDesk.length} of them arrived in a helpdesk; ${leaks.length} found in ` +
        `${sizes.join(", ")} characters.`,
    );
    expect(leaks).toEqual([]);
    expect(canaries.all.length).toBeGreaterThanOrEqual(200);
    // One that went nowhere proves nothing; those of the settings were used for every request or refused.
    const settings = await Promise.all(
      [stack.main, stack.crashing].map(({ config }) => readFile(config, "utf8")),
    );
    const underWay = [sandboxes, ...sentByUs, ...settings].join("\n");
    const stayed = canaries.all.filter((canary: Canary) => findCanaries(underWay, [canary]).length === 0);
    expect(stayed.map(({ kind, mark }) => `${kind} ${mark}`)).toEqual([]);
    expect(atDesk.length).toBeGreaterThan(100);
    // Nothing may be said at all by who says nothing.
    for (const where of ["stdout", "metrics", "answers", "commands", "disk", "redis"] as const)
      expect(outputs[where].join("").length).toBeGreaterThan(1000);
  }, 120_000);
});

it("a canary is found in every form", () => {
  const [secret, phone] = [createCanaries(), createCanaries()];
  secret.secret();
  phone.phone();
  for (const { all } of [secret, phone]) {
    const [canary] = all as [Canary];
    const { plain, cased } = formsOf(canary.mark);
    for (const form of [...plain, ...cased]) expect(findCanaries(`x${form}y`, all)).toHaveLength(1);
    for (const around of ["", "a", "bc", "def"]) {
      const coded = Buffer.from(`${around}${canary.value}${around}`).toString("base64");
      expect(findCanaries(`"${coded}"`, all)).toHaveLength(1);
    }
    expect(findCanaries("nothing of it: Zq001Xv, 7700900", all)).toEqual([]);
  }
});
