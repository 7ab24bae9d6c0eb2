import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactFields, redactText } from "../../src/telemetry/redact.ts";

const digitsOf = (text: string) => text.replace(/[^0-9]/g, "");

/** A phone number as people and programs write it. */
const spelledPhone = fc
  .record({
    prefix: fc.constantFrom("+", "00", ""),
    digits: fc.stringMatching(/^[1-9][0-9]{7,14}$/),
    separators: fc.array(
      fc.constantFrom("", "", " ", "-", ".", "/", "\u00A0", "–", "\u2011", ") ", " (", " - "),
      {
        minLength: 14,
        maxLength: 14,
      },
    ),
  })
  .map(({ prefix, digits, separators }) => ({
    digits,
    text:
      prefix + [...digits].map((digit, n) => digit + (n < digits.length - 1 ? separators[n] : "")).join(""),
  }));

const wamid = fc.base64String({ minLength: 8, maxLength: 80 }).map((id) => `wamid.${id}`);
const userId = fc.stringMatching(/^(US|GB|IN)\.(ENT\.)?[A-Za-z0-9]{12,40}$/);
const around = fc.constantFrom("", " ", "failed for ", '{"to":"', "id=", "(", "é", "…", "\n");

describe("redactText", () => {
  it("a phone number does not survive, however it is spelled and whatever stands around it", () => {
    fc.assert(
      fc.property(around, spelledPhone, around, (before, { text, digits }, after) => {
        const shown = redactText(`${before}${text}${after}`);
        expect(digitsOf(shown)).toBe("");
        expect(shown).not.toContain(digits);
        expect(shown).toContain("[redacted]");
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    "٠٧٧٠٠٩٠٠١٢٣",
    "+४४७७००९००१२३",
    "\u2066+44 7700 900123\u2069",
    "tel:+44-7700-900-123",
    "447700900123@c.us",
    "+4 4 7 7 0 0 9 0 0 1 2 3",
  ])("nor in other digits, isolates and links: %s", (phone) => {
    expect(redactText(`to ${phone}!`)).not.toMatch(/\p{Nd}{2}/u);
  });

  it("ids of messages and people do not survive: they hold or stand for the phone number", () => {
    fc.assert(
      fc.property(around, fc.oneof(wamid, userId), around, (before, id, after) => {
        expect(redactText(`${before}${id}${after}`)).not.toContain(id.slice(id.indexOf(".") + 1));
      }),
      { numRuns: 2000 },
    );
  });

  it("an e-mail address does not survive", () => {
    expect(redactText("mail ann.other+x@example.co.uk now")).toBe("mail [redacted] now");
  });

  it.each([
    "a request failed",
    "create ticket: the server answered 503",
    "gave up after 72 h",
    "Graph error 131047",
    "mappings/city/contact.jsonata:12:5: it fails",
    "connect ECONNREFUSED 127.0.0.1:6379",
  ])("what operators need stays readable: %s", (text) => {
    expect(redactText(text)).toBe(text);
  });

  it("takes no time to speak of, even for a whole payload", () => {
    for (const text of [
      "1".repeat(200_000),
      "a.".repeat(100_000),
      "1 ".repeat(100_000),
      "US.".repeat(70_000),
    ]) {
      const begun = performance.now();
      redactText(text);
      expect(performance.now() - begun).toBeLessThan(500);
    }
  });
});

const CANARY = "canary";

it("the hash of an entry of the audit log stays as it is, so that it can be compared; nothing else does", () => {
  const hash = "1234567890".repeat(6).concat("abcd");
  expect(redactFields({ hash, note: hash })).toEqual({
    hash,
    note: expect.not.stringContaining("1234567"),
  });
  expect(redactFields({ hash: "+447700900123" })["hash"]).not.toContain("7700");
});

describe("redactFields", () => {
  it("personal data does not survive at any depth, as value, in a list, as number or as key", () => {
    const secret = fc.oneof(
      spelledPhone.map(({ text }) => text),
      wamid,
      userId,
    );
    const nested = (value: unknown) =>
      fc
        .array(fc.constantFrom("to", "list", "detail", "x"), { maxLength: 4 })
        .map((path) =>
          path.reduce<unknown>((inner, key) => (key === "list" ? [inner] : { [key]: inner }), value),
        );
    const lines = secret.chain((value) => nested(value).map((field) => ({ value, field })));
    fc.assert(
      fc.property(lines, ({ value, field }) => {
        const shown = JSON.stringify(
          redactFields({ field, [value]: 1, event: { of: field }, ticket: [field] }),
        );
        expect(shown).not.toContain(JSON.stringify(value).slice(1, -1));
        expect(digitsOf(value).length > 6 && digitsOf(shown).includes(digitsOf(value))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    "name",
    "profileName",
    "names",
    "text",
    "body",
    "caption",
    "phone",
    "wa_id",
    "waId",
    "userId",
    "user_id",
    "username",
    "from",
    "to",
    "recipient",
    "email",
    "address",
    "subject",
    "token",
    "accessToken",
    "appSecret",
    "password",
    "authorization",
    "Cookie",
    "signature",
    "apiKey",
    "location",
    "payload",
  ])("a field called %s is never shown, whatever it holds", (name) => {
    for (const value of [CANARY, [CANARY], { deep: { deeper: CANARY } }]) {
      expect(JSON.stringify(redactFields({ outer: [{ [name]: value }] }))).not.toContain(CANARY);
    }
  });

  it("numbers that may be a phone number are not shown; counts and durations are", () => {
    const shown = redactFields({
      a: 447700900123,
      b: 447700900123n,
      tries: 3,
      delayMs: 3_600_000,
      ratio: 0.5,
    });
    expect(shown).toEqual({ a: "[redacted]", b: "[redacted]", tries: 3, delayMs: 3_600_000, ratio: 0.5 });
  });

  it("our own ids stay, since they are how a line is followed", () => {
    const ours = {
      event: "01234567890123456789",
      person: "98765432109876543210",
      channel: "city",
      connection: "desk-2",
      ticket: "1234567890",
      at: "2026-11-02T09:00:00.000Z",
      version: "0.1.0",
    };
    expect(redactFields(ours)).toEqual(ours);
  });

  it("but only while they look like our own ids", () => {
    const shown = redactFields({
      person: "+447700900123",
      event: "wamid.HBgMNDQ3NzAwOTAwMTIz",
      channel: "Ann Other 447700900123",
      at: "447700900123",
    });
    expect(JSON.stringify(shown)).not.toMatch(/447700900123|HBgM/);
  });

  it("errors show their kind only: their messages may quote anything", () => {
    const error = Object.assign(new TypeError(`cannot read ${CANARY}`), { config: { data: CANARY } });
    expect(redactFields({ error, inner: { cause: error } })).toEqual({
      error: "TypeError",
      inner: { cause: "TypeError" },
    });
  });

  it("bytes, functions and what turns itself into JSON show nothing", () => {
    const shown = redactFields({
      bytes: Buffer.from(CANARY),
      list: new Uint8Array(Buffer.from(CANARY)),
      run: () => CANARY,
      sly: { toJSON: () => CANARY },
      map: new Map([[CANARY, CANARY]]),
    });
    const json = JSON.stringify(shown);
    expect(json).not.toContain(CANARY);
    expect(json).not.toContain(String(CANARY.charCodeAt(0)));
  });

  it("a circular or very deep value ends", () => {
    const circle: Record<string, unknown> = { kind: "circle" };
    circle["self"] = circle;
    const shown = JSON.stringify(redactFields({ circle }));
    expect(shown).toContain("circle");
    let deep: unknown = CANARY;
    for (let n = 0; n < 100_000; n++) deep = [deep];
    expect(JSON.stringify(redactFields({ deep }))).not.toContain(CANARY);
  });
});
