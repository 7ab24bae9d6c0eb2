import {
  type Connector,
  hmac,
  PluginError,
  parseJson,
  safeEqual,
  type Tools,
  verifyHmac,
  type WebhookRequest,
} from "deskferry/sdk";
import { toEvents } from "./events.ts";
import type { Settings } from "./settings.ts";
import type { SignatureSettings, WebhookSettings } from "./webhook-settings.ts";

/** Pure: the secrets, the raw bytes and the time decide. */
export function verifyWebhook(request: WebhookRequest, settings: WebhookSettings, now: number): boolean {
  const { signature, secretHeader, basic } = settings;
  if (signature) return isSigned(request, signature, now);
  if (secretHeader) return isOneOf(request.headers[secretHeader.header], secretHeader.secrets);
  if (!basic) return false;
  const expected = Buffer.from(`${basic.username}:${basic.password}`).toString("base64");
  return isOneOf(request.headers["authorization"], [`Basic ${expected}`]);
}

function isSigned(request: WebhookRequest, settings: SignatureSettings, now: number): boolean {
  const { timestampHeader, toleranceSeconds, header, secrets, algorithm, prefix } = settings;
  const time = timestampHeader === undefined ? "" : (request.headers[timestampHeader] ?? "");
  if (timestampHeader !== undefined && !(Math.abs(now - momentOf(time)) <= toleranceSeconds * 1000))
    return false;
  const signed = signedBytes(request.body, settings.signs, time);
  const given = request.headers[header];
  if (settings.encoding === "id:raw") return isSignedWithId(given, signed, settings);
  return verifyHmac(secrets, signed, given, { algorithm, encoding: settings.encoding, prefix });
}

/** Seconds or milliseconds since 1970, or a time as ISO 8601 writes it; NaN for anything else. */
function momentOf(time: string): number {
  if (/^\d{9,11}$/.test(time)) return Number(time) * 1000;
  if (/^\d{12,14}$/.test(time)) return Number(time);
  return /^\d{4}-\d{2}-\d{2}T/.test(time) ? Date.parse(time) : Number.NaN;
}

function signedBytes(body: Buffer, signs: SignatureSettings["signs"], time: string): Buffer {
  const before = { body: "", "ts+body": time, "ts.body": `${time}.`, "ts:body": `${time}:`, "body+ts": "" }[
    signs
  ];
  const after = signs === "body+ts" ? time : "";
  return Buffer.concat([Buffer.from(before), body, Buffer.from(after)]);
}

/** base64 of `<id>:<raw digest>`, as EspoCRM signs. */
function isSignedWithId(given: string | undefined, signed: Buffer, settings: SignatureSettings): boolean {
  const { secrets, algorithm, prefix, id } = settings;
  if (!given?.startsWith(prefix)) return false;
  const text = given.slice(prefix.length);
  const bytes = Buffer.from(text, "base64");
  const colon = bytes.indexOf(":");
  // Other spellings of the same bytes are none of the sender's.
  if (colon < 0 || bytes.toString("base64") !== text) return false;
  if (id !== undefined && bytes.subarray(0, colon).toString() !== id) return false;
  const digest = bytes.subarray(colon + 1).toString("hex");
  return isOneOf(
    digest,
    secrets.map((each) => hmac(each, signed, { algorithm, encoding: "hex" })),
  );
}

/** All are compared, so that the time does not tell which one matched. */
function isOneOf(given: string | undefined, expected: readonly string[]): boolean {
  return given !== undefined && expected.filter((each) => safeEqual(given, each)).length > 0;
}

/** The body in JSON or as form; undefined when it is neither. */
function contentOf({ body }: WebhookRequest, { reads }: WebhookSettings): unknown {
  const text = body.toString("utf8");
  if (reads === "form") return Object.fromEntries(new URLSearchParams(text));
  return parseJson(text);
}

/** Events of a webhook. What the expression cannot cope with brings none; polling finds what was missed. */
export function parseWebhook(settings: Settings, { expressions, log }: Tools): Connector["parseWebhook"] {
  const { webhook } = settings;
  return async (request) => {
    const body = webhook && contentOf(request, webhook);
    if (!webhook || !expressions || body === undefined) return [];
    const input = { headers: request.headers, query: request.query, body };
    try {
      const expression = { source: webhook.events, place: "webhook.events" };
      return toEvents(eventsIn(await expressions.evaluate(expression, input)), settings, log);
    } catch (error) {
      // Not the fault of this body: refused, so that the sender tries again.
      if (!(error instanceof PluginError) || error.kind !== "rejected") throw error;
      log.warn("a webhook could not be read", { reason: error.operatorMessage });
      return [];
    }
  };
}

/** What `answer` of listChanges makes will do too, so that one text may serve both. */
function eventsIn(made: unknown): unknown {
  return typeof made === "object" && made !== null && "events" in made ? made.events : made;
}
