import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createChannel } from "./graph-server.ts";

interface Vector {
  name: string;
  secret: string;
  body_hex: string;
  header: string;
}

const file = new URL("../payloads/meta/signatures/vectors.json", import.meta.url);
const { vectors }: { vectors: Vector[] } = JSON.parse(readFileSync(file, "utf8"));

const SECRET = "the-app-secret";
const OTHERS = ["the-old-app-secret", "another-app-s-secret"];
const channel = createChannel({ appSecrets: [SECRET, ...OTHERS] });
const HEADER = "x-hub-signature-256";

function sign(body: Buffer, secret = SECRET, algorithm = "sha256"): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest("hex")}`;
}

function accepts(body: Buffer, signature: string | undefined, name = HEADER): boolean {
  return channel.verify({ headers: { [name]: signature }, query: {}, body });
}

const BODY = Buffer.from('{"object":"whatsapp_business_account","entry":[{"id":"\\u00e4\\/"}]}');

describe("P21: the signature of a webhook", () => {
  test.each(vectors)("vector: $name", ({ secret, body_hex, header }) => {
    const known = createChannel({ appSecrets: ["unused", secret] });
    const body = Buffer.from(body_hex, "hex");
    expect(known.verify({ headers: { [HEADER]: header }, query: {}, body })).toBe(true);
    const altered = Buffer.concat([body, Buffer.from(" ")]);
    expect(known.verify({ headers: { [HEADER]: header }, query: {}, body: altered })).toBe(false);
  });

  test("the vectors hold one content in two spellings, with two signatures", () => {
    const contents = vectors.map(({ body_hex }) =>
      JSON.stringify(JSON.parse(Buffer.from(body_hex, "hex").toString("utf8"))),
    );
    expect([vectors.length, new Set(contents).size]).toEqual([4, 2]);
    expect(new Set(vectors.map(({ header }) => header)).size).toBe(4);
  });

  test.each([SECRET, ...OTHERS])("is good when any of the app secrets made it", (secret) => {
    expect(accepts(BODY, sign(BODY, secret))).toBe(true);
  });

  const good = sign(BODY);
  const reformatted = Buffer.from(JSON.stringify(JSON.parse(BODY.toString("utf8"))));
  test.each([
    ["missing", BODY, undefined],
    ["empty", BODY, ""],
    ["made with another secret", BODY, sign(BODY, "somebody-else-s")],
    ["made with an empty secret", BODY, sign(BODY, "")],
    ["of the same content, formatted anew", reformatted, good],
    ["of another body", Buffer.from("{}"), good],
    ["SHA-1", BODY, sign(BODY, SECRET, "sha1")],
    ["SHA-1 named SHA-256", BODY, sign(BODY, SECRET, "sha1").replace("sha1", "sha256")],
    ["in upper-case hex", BODY, `sha256=${good.slice(7).toUpperCase()}`],
    ["with an upper-case name", BODY, good.replace("sha256", "SHA256")],
    ["without its name", BODY, good.slice(7)],
    ["in base64", BODY, `sha256=${Buffer.from(good.slice(7), "hex").toString("base64")}`],
    ["sent twice", BODY, `${good}, ${good}`],
    ["good, with a wrong one beside it", BODY, `${good}, ${sign(BODY, "wrong")}`],
    ["with a space before it", BODY, ` ${good}`],
    ["with a line break after it", BODY, `${good}\n`],
    ["shortened", BODY, good.slice(0, -1)],
    ["lengthened", BODY, `${good}0`],
    ["of Cyrillic look-alikes", BODY, good.replace(/[ace]/, "\u0430")],
  ])("is refused when %s", (_name, body, signature) => {
    expect(accepts(body, signature)).toBe(false);
  });

  test("is refused in the header of old", () => {
    expect(accepts(BODY, good, "x-hub-signature")).toBe(false);
    expect(accepts(BODY, sign(BODY, SECRET, "sha1"), "x-hub-signature")).toBe(false);
  });
});

/** Ways to be wrong, given a body and what would have been right. */
const forgery = fc.oneof(
  fc.record({ kind: fc.constant("random digits"), signature: fc.stringMatching(/^sha256=[0-9a-f]{64}$/) }),
  fc.record({ kind: fc.constant("random text"), signature: fc.string({ unit: "binary" }) }),
  fc.record({ kind: fc.constant("other secret"), secret: fc.string() }),
  fc.record({ kind: fc.constant("other digit"), at: fc.nat(63), by: fc.integer({ min: 1, max: 15 }) }),
  fc.record({ kind: fc.constant("other body"), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("longer body"), more: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
  fc.record({ kind: fc.constant("cut"), to: fc.nat(70) }),
  fc.record({ kind: fc.constant("other writing"), way: fc.nat(6) }),
);

function forge(body: Buffer, wrong: Record<string, unknown>): { body: Buffer; signature: string } {
  const good = sign(body);
  const number = (key: string) => Number(wrong[key]);
  if ("signature" in wrong) return { body, signature: String(wrong["signature"]) };
  if ("secret" in wrong) return { body, signature: sign(body, String(wrong["secret"])) };
  if ("more" in wrong) return { body: Buffer.concat([body, wrong["more"] as Uint8Array]), signature: good };
  if ("to" in wrong) return { body, signature: good.slice(0, number("to")) };
  if ("way" in wrong) return { body, signature: otherWritings(good, body)[number("way")] ?? "" };
  if (wrong["kind"] === "other body") {
    const altered = Buffer.from(body);
    const at = number("at") % altered.length;
    altered[at] = (altered[at] ?? 0) ^ number("by");
    return { body: altered, signature: good };
  }
  const at = 7 + number("at");
  const digit = (Number.parseInt(good[at] ?? "0", 16) ^ number("by")).toString(16);
  return { body, signature: good.slice(0, at) + digit + good.slice(at + 1) };
}

function otherWritings(good: string, body: Buffer): string[] {
  return [
    good.toUpperCase(),
    `sha256=${good.slice(7).toUpperCase()}x`,
    good.slice(7),
    `${good},${good}`,
    sign(body, SECRET, "sha1"),
    sign(body, SECRET, "sha512"),
    `${good} `,
  ];
}

test("P21: of 10,000 forgeries none is accepted, and every true signature between them is", () => {
  let forgeries = 0;
  let accepted = 0;
  const kinds = new Set<string>();
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(bytes, forgery, (content, wrong) => {
      const body = Buffer.from(content);
      const { body: forged, signature } = forge(body, wrong);
      expect(accepts(body, sign(body))).toBe(true);
      forgeries += 1;
      kinds.add(wrong.kind);
      if (accepts(forged, signature)) accepted += 1;
      expect(accepted).toBe(0);
    }),
    { numRuns: 10_000 },
  );
  console.log(`${forgeries} forgeries of ${kinds.size} kinds, ${accepted} accepted`);
  expect([forgeries, accepted, kinds.size]).toEqual([10_000, 0, 8]);
}, 120_000);

describe("P21: Meta's set-up request", () => {
  const query = {
    "hub.mode": "subscribe",
    "hub.verify_token": "verify-token",
    "hub.challenge": "1158201444",
  };

  test("is answered with its challenge, unchanged", () => {
    expect(channel.handshake?.(query)).toBe("1158201444");
    expect(channel.handshake?.({ ...query, "hub.challenge": "a_B-9" })).toBe("a_B-9");
  });

  test.each([
    ["another word", { "hub.verify_token": "verify-toker" }],
    ["a longer word", { "hub.verify_token": "verify-token2" }],
    ["no word", { "hub.verify_token": undefined }],
    ["an empty word", { "hub.verify_token": "" }],
    ["another mode", { "hub.mode": "unsubscribe" }],
    ["no mode", { "hub.mode": undefined }],
    ["no challenge", { "hub.challenge": undefined }],
    ["an empty challenge", { "hub.challenge": "" }],
    ["a challenge that is a page", { "hub.challenge": "<script>alert(1)</script>" }],
    ["a challenge with a line break", { "hub.challenge": "1\n" }],
    ["a challenge without end", { "hub.challenge": "1".repeat(201) }],
  ])("is refused with %s", (_name, change) => {
    expect(channel.handshake?.({ ...query, ...change })).toBeUndefined();
  });
});
