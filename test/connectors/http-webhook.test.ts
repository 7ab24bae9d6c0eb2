import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { verifyWebhook } from "../../connectors/http/webhook.ts";
import { webhookSettings } from "../../connectors/http/webhook-settings.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const SECONDS = String(NOW / 1000);
const body = Buffer.from('{"id": 7, "text": "Łódź"}');
const KEY = "a-secret";

const digest = (algorithm: string, signed: string | Buffer) =>
  createHmac(algorithm, KEY).update(signed).digest();
const joined = (before: string, after = "") => Buffer.concat([Buffer.from(before), body, Buffer.from(after)]);

/** The shapes that real systems use, each with the signature that they would send. */
const recipes: [string, object, Record<string, string>][] = [
  [
    "Zammad, Intercom: sha1= and hex over the body",
    { header: "X-Hub-Signature", algorithm: "sha1", prefix: "sha1=" },
    { "x-hub-signature": `sha1=${digest("sha1", body).toString("hex")}` },
  ],
  [
    "Jira: sha256= and hex over the body",
    { header: "X-Hub-Signature", prefix: "sha256=" },
    { "x-hub-signature": `sha256=${digest("sha256", body).toString("hex")}` },
  ],
  [
    "Frappe: base64 over the body",
    { header: "X-Frappe-Webhook-Signature", encoding: "base64" },
    { "x-frappe-webhook-signature": digest("sha256", body).toString("base64") },
  ],
  [
    "FreeScout: base64 of HMAC-SHA1 over the body",
    { header: "X-FreeScout-Signature", algorithm: "sha1", encoding: "base64" },
    { "x-freescout-signature": digest("sha1", body).toString("base64") },
  ],
  [
    "Zendesk: base64 over time and body, the time as ISO 8601",
    { header: "X-Sig", encoding: "base64", signs: "ts+body", timestampHeader: "X-Time" },
    {
      "x-sig": digest("sha256", joined("2026-11-21T12:00:00Z")).toString("base64"),
      "x-time": "2026-11-21T12:00:00Z",
    },
  ],
  [
    "Chatwoot: sha256= and hex over time, dot and body",
    { header: "X-Sig", prefix: "sha256=", signs: "ts.body", timestampHeader: "X-Time" },
    { "x-sig": `sha256=${digest("sha256", joined(`${SECONDS}.`)).toString("hex")}`, "x-time": SECONDS },
  ],
  [
    "Front: base64 over time, colon and body, the time in milliseconds",
    { header: "X-Sig", encoding: "base64", signs: "ts:body", timestampHeader: "X-Time" },
    { "x-sig": digest("sha256", joined(`${NOW}:`)).toString("base64"), "x-time": String(NOW) },
  ],
  [
    "GLPI: hex over body and time",
    { header: "X-Sig", signs: "body+ts", timestampHeader: "X-Time" },
    { "x-sig": digest("sha256", joined("", SECONDS)).toString("hex"), "x-time": SECONDS },
  ],
  [
    "EspoCRM: base64 of id, colon and digest",
    { header: "X-Sig", encoding: "id:raw", id: "62f" },
    { "x-sig": Buffer.concat([Buffer.from("62f:"), digest("sha256", body)]).toString("base64") },
  ],
];

function settingsOf(signature: object, secrets = [KEY]) {
  return webhookSettings.parse({ signature: { ...signature, secrets }, events: "body" });
}

test.each(recipes)("P21: %s", (_name, signature, headers) => {
  const verify = (given: object, now = NOW) =>
    verifyWebhook({ headers, query: {}, body, ...given }, settingsOf(signature), now);
  expect(verify({})).toBe(true);
  expect(verify({ body: Buffer.concat([body, Buffer.from(" ")]) })).toBe(false);
  expect(verify({ headers: {} })).toBe(false);
  for (const [name, value] of Object.entries(headers)) {
    for (const other of [
      "",
      value.slice(0, -1),
      `${value}A`,
      value.toUpperCase() === value ? "x" : value.toUpperCase(),
    ]) {
      if (name === "x-time" && Math.abs(NOW - Number(other) * 1000) < 300_000) continue;
      expect(verify({ headers: { ...headers, [name]: other } }), `${name}: ${other}`).toBe(false);
    }
  }
  const isTimed = "timestampHeader" in signature;
  expect(verify({}, NOW + 301_000)).toBe(!isTimed);
  expect(verify({}, NOW - 301_000)).toBe(!isTimed);
  const request = { headers, query: {}, body };
  expect(verifyWebhook(request, settingsOf(signature, ["another"]), NOW)).toBe(false);
  expect(verifyWebhook(request, settingsOf(signature, ["another", KEY]), NOW)).toBe(true);
});

test("P21: EspoCRM's signature of another webhook is refused", () => {
  const sig = Buffer.concat([Buffer.from("99:"), digest("sha256", body)]).toString("base64");
  const request = { headers: { "x-sig": sig }, query: {}, body };
  expect(verifyWebhook(request, settingsOf({ header: "X-Sig", encoding: "id:raw", id: "62f" }), NOW)).toBe(
    false,
  );
  expect(verifyWebhook(request, settingsOf({ header: "X-Sig", encoding: "id:raw" }), NOW)).toBe(true);
});

test("P21: a fixed secret and HTTP Basic prove a webhook too", () => {
  const fixed = webhookSettings.parse({
    secretHeader: { header: "X-Key", secrets: ["old", "new"] },
    events: "body",
  });
  const basic = webhookSettings.parse({ basic: { username: "u", password: "p:q" }, events: "body" });
  const from = (headers: Record<string, string>) => ({ headers, query: {}, body });
  expect(verifyWebhook(from({ "x-key": "new" }), fixed, NOW)).toBe(true);
  expect(verifyWebhook(from({ "x-key": "newer" }), fixed, NOW)).toBe(false);
  expect(verifyWebhook(from({}), fixed, NOW)).toBe(false);
  const authorization = `Basic ${Buffer.from("u:p:q").toString("base64")}`;
  expect(verifyWebhook(from({ authorization }), basic, NOW)).toBe(true);
  expect(verifyWebhook(from({ authorization: `${authorization}=` }), basic, NOW)).toBe(false);
});

test.each([
  [{ events: "body" }, /exactly one of/],
  [
    { signature: { header: "X", secrets: ["s"], signs: "ts.body" }, events: "body" },
    /signs: ts\.body needs it/,
  ],
  [
    { signature: { header: "X", secrets: ["s"], timestampHeader: "T" }, events: "body" },
    /not signed proves nothing/,
  ],
  [{ signature: { header: "X", secrets: ["s"], id: "7" }, events: "body" }, /only encoding: id:raw/],
])("settings that prove nothing are refused: %j", (settings, reason) => {
  expect(() => webhookSettings.parse(settings)).toThrow(reason);
});
