import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { errorTable, problemOf, twilioError } from "../../src/channels/twilio/errors.ts";
import twilio from "../../src/channels/twilio/index.ts";
import { renderMessage } from "../../src/channels/twilio/send.ts";
import { createHttpClient, type TemplateMessage, type WebhookRequest } from "../../src/sdk/index.ts";
import { ACCOUNT, AUTH_TOKEN, PUBLIC_URL, startTwilio, twilioMessage, twilioRequest } from "./providers.ts";

const least = {
  accountSid: ACCOUNT,
  authTokens: [AUTH_TOKEN],
  number: "+442079460100",
  publicUrl: PUBLIC_URL,
};
const CONTENT = `HX${"f".repeat(32)}`;
const clock = { now: () => Date.parse("2026-11-18T11:06:40Z") };
const log = { debug() {}, info() {}, warn() {} };

function create(settings: object = {}) {
  return twilio.create(twilio.config.parse({ ...least, ...settings }), {
    http: (options) => createHttpClient(options, clock),
    log,
    clock,
  });
}

const genuine = twilioRequest(twilioMessage("Hello"));

describe("verify", () => {
  const channel = create();

  test("signs as the example of Twilio's documentation does", () => {
    const form = {
      CallSid: "CA1234567890ABCDE",
      Caller: "+14158675309",
      Digits: "1234",
      From: "+14158675309",
      To: "+18005551212",
    };
    const { headers } = twilioRequest(form, "https://mycompany.com/myapp.php?foo=1&bar=2", "12345");
    expect(headers["x-twilio-signature"]).toBe("RSOYDt4T1cUTdK1PDd93/VVr8B8=");
  });

  test.each([
    ["as it is", PUBLIC_URL],
    ["with its standard port", "https://desk.example.org:443/webhooks/channels/city"],
    ["with the connection overrides", `${PUBLIC_URL}#rc=5&rp=5xx,ct,rt`],
  ])("takes the address %s", (_name, url) => {
    const request = twilioRequest(twilioMessage("Hello"), url);
    expect(channel.verify({ ...request, query: {} })).toBe(true);
  });

  test("fields that do not exist yet, empty ones and ones with odd characters do no harm", () => {
    const form = { ...twilioMessage("a&b=c +%\n"), Empty: "", Zeta9_new: "ü", aLower: " x " };
    expect(channel.verify(twilioRequest(form))).toBe(true);
  });

  test("takes any of several auth tokens, and none that is not ours", () => {
    const rotating = create({ authTokens: ["the-new-token", AUTH_TOKEN] });
    expect(rotating.verify(genuine)).toBe(true);
    expect(create({ authTokens: ["the-new-token"] }).verify(genuine)).toBe(false);
  });

  test("refuses another channel's address", () => {
    expect(create({ publicUrl: "https://desk.example.org/webhooks/channels/other" }).verify(genuine)).toBe(
      false,
    );
  });

  test("refuses a query that is not ours, whoever signed it", () => {
    for (const query of ["?other=1", "?intent=a&other=1", "?intent="]) {
      expect(channel.verify(twilioRequest(twilioMessage("Hello"), PUBLIC_URL + query)), query).toBe(false);
    }
  });

  /** As the owner of the token signs any list of fields, also one that no form of Twilio's is. */
  function signedBy(fields: [string, string][], url = PUBLIC_URL) {
    const sorted = [...fields].sort(([left], [right]) => (left < right ? -1 : 1));
    const signature = createHmac("sha1", AUTH_TOKEN)
      .update(url + sorted.flat().join(""))
      .digest("base64");
    const body = Buffer.from(new URLSearchParams(fields).toString());
    return { headers: { "x-twilio-signature": signature }, query: {}, body };
  }

  test.each<[string, [string, string][], boolean]>([
    [
      "fields of Twilio's kind",
      [
        ["Body", "Hello"],
        ["From", "whatsapp:+447700900123"],
      ],
      true,
    ],
    [
      "a name twice",
      [
        ["Body", "Hello"],
        ["Body", "Hello"],
      ],
      false,
    ],
    [
      "a name with a sign before it",
      [
        ["Body", "Hello"],
        ["-From", "x"],
      ],
      false,
    ],
    [
      "a name with a sign after it",
      [
        ["Body", "Hello"],
        ["From-", "x"],
      ],
      false,
    ],
    [
      "no name at all",
      [
        ["Body", "Hello"],
        ["", "x"],
      ],
      false,
    ],
    ["nothing", [], false],
  ])(
    "P21: of what its owner signed it takes only forms that nobody can read in two ways: %s",
    (_, fields, isTaken) => {
      expect(channel.verify(signedBy(fields))).toBe(isTaken);
    },
  );

  test("takes an address without TLS with its standard port as well, and with no other", () => {
    const plain = create({ publicUrl: "http://127.0.0.1/webhooks/channels/city" });
    const at = (host: string) => signedBy([["Body", "Hello"]], `http://${host}/webhooks/channels/city`);
    expect(plain.verify(at("127.0.0.1"))).toBe(true);
    expect(plain.verify(at("127.0.0.1:80"))).toBe(true);
    expect(plain.verify(at("127.0.0.1:443"))).toBe(false);
  });

  test("of 10,000 forged requests none is accepted", () => {
    const mutation = fc.oneof(
      fc.record({ kind: fc.constant("field" as const), name: name(), value: fc.string() }),
      fc.record({ kind: fc.constant("drop" as const), name: name(), value: fc.constant("") }),
      fc.record({ kind: fc.constant("add" as const), name: fc.string(), value: fc.string() }),
      fc.record({ kind: fc.constant("repeat" as const), name: name(), value: fc.string() }),
      fc.record({ kind: fc.constant("split" as const), name: name(), value: fc.nat(20).map(String) }),
      fc.record({ kind: fc.constant("query" as const), name: fc.string(), value: fc.string() }),
      fc.record({ kind: fc.constant("signature" as const), name: fc.constant(""), value: fc.base64String() }),
      fc.record({ kind: fc.constant("token" as const), name: fc.constant(""), value: fc.string() }),
    );
    let seen = 0;
    fc.assert(
      fc.property(mutation, (change) => {
        const forged = forge(change);
        fc.pre(forged !== undefined);
        seen += 1;
        if (forged) expect(channel.verify(forged)).toBe(false);
      }),
      { numRuns: 10_000 },
    );
    expect(seen).toBeGreaterThanOrEqual(10_000);
  });
});

function name() {
  return fc.constantFrom(...Object.keys(twilioMessage("Hello")));
}

interface Change {
  kind: "field" | "drop" | "add" | "repeat" | "split" | "query" | "signature" | "token";
  name: string;
  value: string;
}

/** Undefined when nothing would be changed, or when what Twilio signs would be the same text. */
function forge({ kind, name, value }: Change): WebhookRequest | undefined {
  const fields: [string, string][] = Object.entries(twilioMessage("Hello"));
  const at = fields.findIndex(([known]) => known === name);
  const old = fields[at]?.[1] ?? "";
  const tail = old.slice(Number(value));
  const withBody = (changed: [string, string][]) => ({
    ...genuine,
    body: Buffer.from(new URLSearchParams(changed).toString()),
  });
  const replaced = (by: [string, string][]) =>
    withBody([...fields.slice(0, at), ...by, ...fields.slice(at + 1)]);
  const forgers: Record<Change["kind"], () => WebhookRequest | undefined> = {
    field: () => (old === value.toWellFormed() ? undefined : replaced([[name, value]])),
    drop: () => replaced([]),
    // A nameless empty field is no field.
    add: () => (name + value === "" ? undefined : withBody([...fields, [name, value]])),
    repeat: () => withBody([...fields, [name, value]]),
    // The end of a value as a field of its own; what could be a name is not told from one in what is signed.
    split: () =>
      /^\w*$/.test(tail) || tail === old
        ? undefined
        : replaced([
            [name, old.slice(0, Number(value))],
            [tail, ""],
          ]),
    query: () => ({ ...genuine, query: { [name]: value } }),
    signature: () => ({ ...genuine, headers: { ...genuine.headers, "x-twilio-signature": value } }),
    token: () =>
      value === AUTH_TOKEN ? undefined : twilioRequest(twilioMessage("Hello"), PUBLIC_URL, value || "x"),
  };
  return forgers[kind]();
}

test("callback data of any letters and signs comes back, signed", () => {
  const channel = create();
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200, unit: "grapheme-ascii" }), (callbackData) => {
      const outbound = { kind: "text", text: "Hi" } as const;
      const settings = twilio.config.parse(least);
      const fields = renderMessage(settings, { to: { phone: "+447700900123" }, outbound, callbackData });
      const url = fields["StatusCallback"]?.replace(/#.*/, "") ?? "";
      const receipt = twilioRequest({ ...twilioMessage(""), MessageStatus: "sent" }, url);
      const form = { ...receipt, query: Object.fromEntries(new URL(url).searchParams) };
      expect(channel.verify(form)).toBe(true);
      expect(form.query["intent"]).toBe(callbackData);
    }),
  );
});

describe("what is sent", () => {
  const settings = twilio.config.parse({
    ...least,
    templates: [{ name: "report_changed", language: "en", contentSid: CONTENT }],
  });
  const to = { phone: "+447700900123" };
  const send = (template: TemplateMessage) =>
    renderMessage(settings, { to, outbound: { kind: "template", template }, callbackData: "i-0" });

  test("a text names both sides and the address for receipts", () => {
    const outbound = { kind: "text", text: "Hello" } as const;
    expect(renderMessage(settings, { to, outbound, callbackData: "i-0" })).toEqual({
      From: "whatsapp:+442079460100",
      To: "whatsapp:+447700900123",
      Body: "Hello",
      StatusCallback: `${PUBLIC_URL}?intent=i-0#rc=5&rp=5xx,ct,rt`,
    });
  });

  test("a person without a phone number is addressed by user id", () => {
    const outbound = { kind: "text", text: "Hello" } as const;
    const fields = renderMessage(settings, { to: { userId: "GB.456" }, outbound, callbackData: "i-0" });
    expect(fields["To"]).toBe("whatsapp:GB.456");
  });

  test.each<[string, Partial<TemplateMessage>, object | undefined]>([
    ["without variables", {}, undefined],
    ["by position", { body: ["Ana", "R-1"] }, { 1: "Ana", 2: "R-1" }],
    ["by name", { body: { first_name: "Ana" } }, { first_name: "Ana" }],
    [
      "through header, body and buttons",
      { header: "R-1", body: ["Ana"], buttons: [{ type: "url", index: 0, value: "r-1" }] },
      { 1: "R-1", 2: "Ana", 3: "r-1" },
    ],
  ])("a template %s", (_name, parts, variables) => {
    const fields = send({ name: "report_changed", language: "en", ...parts });
    expect(fields["ContentSid"]).toBe(CONTENT);
    expect(fields["Body"]).toBeUndefined();
    expect(fields["ContentVariables"] && JSON.parse(fields["ContentVariables"])).toEqual(variables);
  });

  test("a template without content is the operator's to mend", () => {
    expect(() => send({ name: "report_changed", language: "cy" })).toThrow(
      expect.objectContaining({
        kind: "config",
        operatorMessage: expect.stringContaining("report_changed (cy)"),
      }),
    );
  });

  test("a text longer than Twilio takes is refused before it is sent", () => {
    const text = (length: number) => ({ kind: "text", text: "💡".repeat(length) }) as const;
    const render = (length: number) =>
      renderMessage(settings, { to, outbound: text(length), callbackData: "i" });
    expect(() => render(1601)).toThrow(expect.objectContaining({ kind: "rejected" }));
    expect(render(1600)["Body"]).toHaveLength(3200);
  });
});

describe("errors", () => {
  const rows = errorTable.flatMap((row) => row.codes.map((code) => ({ ...row, code })));

  test.each(rows)("$code by answer and by receipt: $action", ({ code, kind, action, reason, says }) => {
    const error = twilioError(
      { status: 400, headers: {}, body: { code, message: "+447700900123" } },
      "send",
      0,
    );
    expect(error).toMatchObject({ kind, code, problem: { action, reason, says } });
    expect(create().explainError?.({ code, title: "" })).toEqual({ action, reason, says });
    expect(error.operatorMessage).not.toContain("447700900123");
  });

  test("each code stands on the page for operators, and no other does", () => {
    const page = readFileSync(new URL("../../docs/whatsapp-by-twilio.md", import.meta.url), "utf8");
    const [, section = ""] = page.split("## What refusals mean");
    const listed = (section.split("## ")[0] ?? "").match(/\b[26][0-9]{4}\b/g) ?? [];
    expect(listed.map(Number).sort()).toEqual(rows.map(({ code }) => code).sort());
  });

  test("no code stands in the table twice", () => {
    const codes = rows.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test("a code that is not known is a refusal by answer, and unknown by receipt", () => {
    const error = twilioError({ status: 400, headers: {}, body: { code: 29_999 } }, "send", 0);
    expect(error.kind).toBe("rejected");
    expect(problemOf(29_999).action).toBe("unknown");
  });
});

describe("files", () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function fetchWith(mediaHosts: (host: string) => string[], id?: string) {
    const server = await startTwilio();
    const folder = await mkdtemp(join(tmpdir(), "deskferry-twilio-"));
    stops.push(server.stop, () => rm(folder, { recursive: true }));
    const channel = create({ apiUrl: server.url, mediaHosts: mediaHosts(server.storageHost) });
    const media = { id: id ?? server.mediaId, mimeType: "image/jpeg", url: "http://127.0.0.1:1/evil" };
    return channel.fetchMedia(media, { path: join(folder, randomBytes(4).toString("hex")), maxBytes: 1e6 });
  }

  test("come from where Twilio sends on to, without the token and never by the webhook's address", async () => {
    expect(await fetchWith((host) => [host])).toEqual({ mimeType: "image/jpeg", size: 200_000 });
  });

  test("are not fetched from a host that is not allowed", async () => {
    await expect(fetchWith(() => ["mms.twiliocdn.com"])).rejects.toMatchObject({
      kind: "rejected",
      code: "host_not_allowed",
    });
  });

  test("that are gone are said to be", async () => {
    await expect(fetchWith((host) => [host], "MM1/../ME2")).rejects.toMatchObject({ code: "gone" });
  });
});

describe("settings", () => {
  test.each([
    ["an account that is none", { accountSid: "SK1" }, "accountSid"],
    ["no auth token", { authTokens: [] }, "authTokens"],
    ["a number without +", { number: "442079460100" }, "number"],
    ["an address with a query", { publicUrl: `${PUBLIC_URL}?key=1` }, "publicUrl"],
    ["an address with a password", { publicUrl: "https://a:b@example.org/" }, "publicUrl"],
    ["overrides that are none", { connectionOverrides: "#rc=5" }, "connectionOverrides"],
    [
      "a content that is none",
      { templates: [{ name: "a", language: "en", contentSid: "x" }] },
      "templates.0.contentSid",
    ],
  ])("%s is an error that names its place", (_name, change, path) => {
    const { error } = twilio.config.safeParse({ ...least, ...change });
    expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});

test("an accepted webhook is answered with empty TwiML, which sends nothing", () => {
  expect(create().acknowledgement).toEqual({ contentType: "text/xml", body: "<Response/>" });
});
