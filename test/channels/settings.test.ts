import { describe, expect, test } from "vitest";
import { z } from "zod";
import dialog360 from "../../src/channels/dialog360/index.ts";
import meta from "../../src/channels/meta/index.ts";
import twilio from "../../src/channels/twilio/index.ts";

/** What a channel type asks for at the least. */
const types = {
  meta: {
    config: meta.config,
    least: {
      phoneNumberId: "100000000000001",
      appSecrets: ["secret"],
      verifyToken: "word",
      accessToken: "token",
    },
  },
  dialog360: {
    config: dialog360.config,
    least: { phoneNumberId: "100000000000001", apiKey: "key", webhookSecrets: ["secret"] },
  },
  twilio: {
    config: twilio.config,
    least: {
      accountSid: `AC${"0a".repeat(16)}`,
      authTokens: ["token"],
      number: "+442079460100",
      publicUrl: "https://desk.example.org/webhooks/channels/city",
    },
  },
};

type Type = keyof typeof types;
const names = Object.keys(types) as Type[];

/** Path and words of the first fault; undefined when the settings are taken. */
function refusal(type: Type, change: object): { path: string; says: string } | undefined {
  const { config, least } = types[type];
  const { error } = config.safeParse({ ...least, ...change });
  const issue = error?.issues[0];
  return issue && { path: issue.path.join("."), says: issue.message };
}

describe.each(names)("%s", (type) => {
  const { config, least } = types[type];
  const keys = Object.keys(least).filter((key) => key !== "webhookSecrets");

  test("the least that it asks for is enough", () => {
    expect(refusal(type, {})).toBeUndefined();
  });

  test.each(keys)("without %s it is refused there", (key) => {
    expect(refusal(type, { [key]: undefined })?.path).toBe(key);
  });

  test("a setting that does not exist is refused by its name", () => {
    expect(refusal(type, { colour: "blue" })?.says).toContain("colour");
  });

  test("every setting says in the reference what it is", () => {
    const { properties = {} } = z.toJSONSchema(config, { io: "input", unrepresentable: "any" });
    for (const [name, field] of Object.entries(properties)) {
      const described = typeof field === "object" && field.description;
      expect(described, name).toMatch(/^[A-Z].{5}/);
    }
  });

  const secrets = Object.keys(least).filter((key) => /Token|Secret|apiKey/.test(key));

  test.each(secrets)("P31: an empty text is no secret: %s", (key) => {
    const isList = key.endsWith("s");
    expect(refusal(type, { [key]: isList ? [""] : "" })?.path).toBe(isList ? `${key}.0` : key);
  });
});

const HEADER = { name: "X-Deskferry-Key", value: "a-long-random-word" };
const SID = `HX${"0F".repeat(16)}`;
const TEMPLATE = { name: "ticket_update", language: "en", contentSid: SID };

test.each<[Type, object]>([
  ["meta", { phoneNumberId: "1" }],
  ["meta", { phoneNumberId: "9".repeat(30) }],
  ["meta", { businessAccountId: "200000000000001" }],
  ["meta", { graphVersion: "v100.12" }],
  ["meta", { mediaHosts: [] }],
  ["meta", { mediaHosts: ["files.example.org:8443", "127.0.0.1:1"] }],
  ["dialog360", { phoneNumberId: "9".repeat(30) }],
  ["dialog360", { webhookSecrets: [], webhookHeader: HEADER }],
  ["dialog360", { webhookHeader: { ...HEADER, name: "a".repeat(100) } }],
  ["twilio", { accountSid: `AC${"aF".repeat(16)}` }],
  ["twilio", { number: "+12345" }],
  ["twilio", { number: `+${"9".repeat(15)}` }],
  ["twilio", { publicUrl: "http://desk.test:8080/a" }],
  ["twilio", { templates: [TEMPLATE] }],
  ["twilio", { connectionOverrides: "rc=5" }],
  ["twilio", { connectionOverrides: "rc=5&rp=5xx,ct,rt&ct=2000" }],
  ["twilio", { mediaHosts: ["files.example.org:65535"] }],
])("%s takes %j", (type, change) => {
  expect(refusal(type, change)).toBeUndefined();
});

const DIGITS = "not the phone number itself but its id";
const QUOTES = "must be text: put the";
const HOST = "no scheme and no path";

test.each<[Type, object, string, string]>([
  ["meta", { phoneNumberId: "9".repeat(31) }, "phoneNumberId", DIGITS],
  ["meta", { phoneNumberId: "" }, "phoneNumberId", DIGITS],
  ["meta", { phoneNumberId: "100000000000001 " }, "phoneNumberId", DIGITS],
  ["meta", { phoneNumberId: 1 }, "phoneNumberId", QUOTES],
  ["meta", { businessAccountId: "x1" }, "businessAccountId", "digits only"],
  ["meta", { graphVersion: "v25" }, "graphVersion", "as in v25.0"],
  ["meta", { graphVersion: "v25.0/me" }, "graphVersion", "as in v25.0"],
  ["meta", { graphVersion: "/v25.0" }, "graphVersion", "as in v25.0"],
  ["meta", { graphVersion: "v2500.0" }, "graphVersion", "as in v25.0"],
  ["meta", { mediaHosts: ["example.org/files"] }, "mediaHosts.0", HOST],
  ["meta", { mediaHosts: ["example.org:"] }, "mediaHosts.0", HOST],
  ["meta", { mediaHosts: ["example.org:123456"] }, "mediaHosts.0", HOST],
  ["meta", { mediaHosts: [""] }, "mediaHosts.0", HOST],
  ["meta", { mediaHosts: ["user@example.org"] }, "mediaHosts.0", HOST],
  ["dialog360", { phoneNumberId: 1 }, "phoneNumberId", QUOTES],
  ["dialog360", { phoneNumberId: "9".repeat(31) }, "phoneNumberId", DIGITS],
  ["dialog360", { phoneNumberId: "+442079460100" }, "phoneNumberId", DIGITS],
  ["dialog360", { phoneNumberId: "100 1" }, "phoneNumberId", DIGITS],
  ["dialog360", { phoneNumberId: "1x" }, "phoneNumberId", DIGITS],
  ["dialog360", { webhookSecrets: [] }, "webhookHeader", "give webhookHeader or webhookSecrets"],
  ["dialog360", { webhookSecrets: undefined }, "webhookHeader", "no webhook can be trusted"],
  [
    "dialog360",
    { webhookHeader: { ...HEADER, name: "" } },
    "webhookHeader.name",
    "letters, digits and hyphens",
  ],
  ["dialog360", { webhookHeader: { ...HEADER, name: "X Key" } }, "webhookHeader.name", "letters, digits"],
  ["dialog360", { webhookHeader: { ...HEADER, name: "Key:" } }, "webhookHeader.name", "letters, digits"],
  ["dialog360", { webhookHeader: { ...HEADER, name: " Key" } }, "webhookHeader.name", "letters, digits"],
  ["dialog360", { webhookHeader: { ...HEADER, name: "a".repeat(101) } }, "webhookHeader.name", "letters"],
  ["dialog360", { webhookHeader: { ...HEADER, value: "" } }, "webhookHeader.value", ""],
  ["dialog360", { webhookHeader: { ...HEADER, more: 1 } }, "webhookHeader", "more"],
  ["dialog360", { apiUrl: "ftp://example.org" }, "apiUrl", ""],
  ["twilio", { accountSid: `AC${"0".repeat(31)}` }, "accountSid", "AC and 32 hexadecimal digits"],
  ["twilio", { accountSid: `AC${"0".repeat(33)}` }, "accountSid", "AC and 32"],
  ["twilio", { accountSid: `AC${"g".repeat(32)}` }, "accountSid", "AC and 32"],
  ["twilio", { accountSid: `XAC${"0".repeat(32)}` }, "accountSid", "AC and 32"],
  ["twilio", { authTokens: [] }, "authTokens", "at least one auth token"],
  ["twilio", { number: 442079460100 }, "number", "put the number in quotes"],
  ["twilio", { number: "442079460100" }, "number", "with + and country code"],
  ["twilio", { number: "+0442079460100" }, "number", "with + and country code"],
  ["twilio", { number: "+44 2079460100" }, "number", "no spaces"],
  ["twilio", { number: "+1234" }, "number", "a phone number"],
  ["twilio", { number: `+${"9".repeat(16)}` }, "number", "a phone number"],
  ["twilio", { number: "whatsapp:+442079460100" }, "number", "a phone number"],
  ["twilio", { publicUrl: "https://desk.example.org/a?b=c" }, "publicUrl", "without a query"],
  ["twilio", { publicUrl: "https://desk.example.org/a#b" }, "publicUrl", "must be what it signs"],
  ["twilio", { publicUrl: "https://me@desk.example.org/a" }, "publicUrl", "a password"],
  ["twilio", { publicUrl: "ftp://desk.example.org/a" }, "publicUrl", ""],
  ["twilio", { publicUrl: "xhttps://desk.example.org/a" }, "publicUrl", ""],
  ["twilio", { templates: [{ ...TEMPLATE, name: "" }] }, "templates.0.name", ""],
  ["twilio", { templates: [{ ...TEMPLATE, language: "" }] }, "templates.0.language", ""],
  ["twilio", { templates: [{ ...TEMPLATE, contentSid: `${SID}0` }] }, "templates.0.contentSid", "HX and 32"],
  ["twilio", { templates: [{ ...TEMPLATE, contentSid: `X${SID}` }] }, "templates.0.contentSid", "HX and 32"],
  ["twilio", { templates: [{ ...TEMPLATE, contentSid: "HX0" }] }, "templates.0.contentSid", "HX and 32"],
  ["twilio", { templates: [{ ...TEMPLATE, more: 1 }] }, "templates.0", "more"],
  ["twilio", { connectionOverrides: "" }, "connectionOverrides", "as in rc=5"],
  ["twilio", { connectionOverrides: "#rc=5" }, "connectionOverrides", "as in rc=5"],
  ["twilio", { connectionOverrides: "rc=" }, "connectionOverrides", "as in rc=5"],
  ["twilio", { connectionOverrides: "rc=5&" }, "connectionOverrides", "as in rc=5"],
  ["twilio", { connectionOverrides: "rc=5&rp=" }, "connectionOverrides", "as in rc=5"],
  ["twilio", { connectionOverrides: "rc=5&RP=1" }, "connectionOverrides", "as in rc=5"],
  ["twilio", { connectionOverrides: "rc=5 " }, "connectionOverrides", "as in rc=5"],
  ["twilio", { mediaHosts: ["https://example.org"] }, "mediaHosts.0", HOST],
  ["twilio", { mediaHosts: ["example.org/files"] }, "mediaHosts.0", HOST],
  ["twilio", { mediaHosts: ["example.org:123456"] }, "mediaHosts.0", HOST],
  ["twilio", { contentUrl: "content.twilio.com" }, "contentUrl", ""],
])("%s refuses %j and names %s", (type, change, path, says) => {
  const found = refusal(type, change);
  expect(found?.path).toBe(path);
  expect(found?.says).toContain(says);
});

test("what is left out is the provider's own addresses, and what is given is tidied", () => {
  expect(dialog360.config.parse(types.dialog360.least)).toEqual({
    ...types.dialog360.least,
    apiUrl: "https://waba-v2.360dialog.io",
  });
  expect(twilio.config.parse(types.twilio.least)).toEqual({
    ...types.twilio.least,
    templates: [],
    connectionOverrides: "rc=5&rp=5xx,ct,rt",
    apiUrl: "https://api.twilio.com",
    contentUrl: "https://content.twilio.com",
    mediaHosts: ["mms.twiliocdn.com", "s3-external-1.amazonaws.com"],
  });
  const { webhookHeader } = dialog360.config.parse({ ...types.dialog360.least, webhookHeader: HEADER });
  expect(webhookHeader?.name).toBe("x-deskferry-key");
});

test("P31: every secret of every type is marked, and nothing else is", () => {
  const marked = names.map((type) => {
    const { properties = {} } = z.toJSONSchema(types[type].config, { io: "input", unrepresentable: "any" });
    return Object.entries(properties).flatMap(([name, field]) =>
      JSON.stringify(field).includes('"secret":true') ? [name] : [],
    );
  });
  expect(marked).toEqual([
    ["appSecrets", "verifyToken", "accessToken"],
    ["apiKey", "webhookSecrets", "webhookHeader"],
    ["authTokens"],
  ]);
});
