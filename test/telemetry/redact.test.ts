import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactFields, redactText } from "../../src/telemetry/redact.ts";
import { cpuMsOf } from "../support/cpu-time.ts";

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

  it("six digits are a code or a count; seven may be a phone number, if little stands between them", () => {
    expect(redactText("code 131047, 123456 done")).toBe("code 131047, 123456 done");
    expect(redactText("to 1234567!")).toBe("to [redacted]!");
    expect(redactText("to +1234567!")).toBe("to [redacted]!");
    expect(redactText("1 - 2 - 3 - 4 - 5 - 6 - 7")).toBe("[redacted]");
    expect(redactText("1 -- 2 -- 3 -- 4 -- 5 -- 6 -- 7")).toBe("1 -- 2 -- 3 -- 4 -- 5 -- 6 -- 7");
  });

  it.each([
    ["wamid.HBgM+/=_-x in", "[redacted] in"],
    ["WAMID.abc", "[redacted]"],
    ["wamid.", "wamid."],
    ["US.1234567890 in", "[redacted] in"],
    ["US.ENT.1234567890", "[redacted]"],
    ["GB.abcdefghij", "[redacted]"],
    ["1234567GB.abcdefghij", "[redacted][redacted]"],
    [String.raw`id\nGB.abcdefghij`, String.raw`id\n[redacted]`],
    ["GB.abcdefghi", "GB.abcdefghi"],
    [`GB.${"a".repeat(128)}`, "[redacted]"],
    ["ann@desk", "ann@desk"],
    ["ann@desk.example", "[redacted]"],
    ["a-b.c+d_e@a-b.example.co.uk,", "[redacted],"],
  ])("%j is shown as %j", (text, shown) => {
    expect(redactText(text)).toBe(shown);
  });

  it("a text of 4000 letters is shown whole, a longer one cut off there and marked", () => {
    const whole = "a b ".repeat(1000);
    expect(redactText(whole)).toBe(whole);
    expect(redactText(`${whole}c`)).toBe(`${whole}…`);
  });

  it("is the same when it is done twice, whatever the text", () => {
    const parts = fc.array(
      fc.oneof(
        around,
        fc.string(),
        spelledPhone.map(({ text }) => text),
        wamid,
        userId,
      ),
    );
    fc.assert(
      fc.property(parts, (texts) => {
        const once = redactText(texts.join(""));
        expect(redactText(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it("takes no time to speak of, even for a whole payload", () => {
    for (const text of [
      "1".repeat(200_000),
      "a.".repeat(100_000),
      "1 ".repeat(100_000),
      "US.".repeat(70_000),
    ]) {
      expect(cpuMsOf(() => redactText(text))).toBeLessThan(500);
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

  it.each(["namespace", "namesake", "total", "photo", "fromRetry", "upto", "senders"])(
    "a field called %s is shown: it only begins or ends like one that is not",
    (name) => expect(redactFields({ [name]: "x" })).toEqual({ [name]: "x" }),
  );

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

  it.each<[string, unknown, unknown]>([
    ["a number of eight digits", 99_999_999, 99_999_999],
    ["a negative one", -99_999_999, -99_999_999],
    ["a big one", 99_999_999n, 99_999_999],
    ["a number of nine digits", 100_000_000, "[redacted]"],
    ["a negative one of twelve", -447_700_900_123, "[redacted]"],
    ["true", true, true],
    ["false", false, false],
    ["null", null, null],
    ["nothing", undefined, undefined],
    ["a symbol", Symbol("canary"), undefined],
  ])("%s is shown as it should be", (_, value, shown) => {
    expect(redactFields({ x: value })["x"]).toBe(shown);
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

  it.each([
    ["event", "0123456789012345678"],
    ["event", "x01234567890123456789"],
    ["event", "01234567890123456789x"],
    ["person", "012345678901234567890"],
    ["channel", "447700900123 x"],
    ["channel", "Call 447700900123"],
    ["connection", "city\n447700900123"],
    ["channel", `447700900123${"x".repeat(29)}`],
    ["at", "2026-11-02T09:00:00.000Z 447700900123"],
    ["at", "447700900123 2026-11-02T09:00:00.000Z"],
    ["timestamp", "2026-11-02T447700900123"],
    ["ticket", "447700900123 of Ann"],
    ["ticket", " 447700900123"],
    ["ticket", "4477009001".repeat(7)],
    ["version", "447700900123 x"],
    ["version", "v 447700900123"],
    ["version", "4477009001".repeat(5)],
    ["hash", "0123456789abcdef".repeat(4).concat("0")],
    ["hash", "x".concat("0123456789abcdef".repeat(4))],
  ])("%s is masked when it is %j", (name, value) => {
    expect(redactFields({ [name]: value })[name]).toContain("[redacted]");
  });

  it.each([
    ["channel", "x447700900123"],
    ["connection", "x447700900123"],
    ["channel", `447700900123${"x".repeat(28)}`],
    ["timestamp", "2026-11-02T09:00:00.000Z"],
    ["ticket", "a#4477009001./:-x"],
    ["ticket", "4".repeat(64)],
    ["version", "1447700900123.0+x-y"],
    ["version", "4".repeat(40)],
    ["hash", "0123456789abcdef".repeat(4)],
  ])("%s stays as it is when it is %j", (name, value) => {
    expect(redactFields({ [name]: value })).toEqual({ [name]: value });
  });

  it("eight levels are shown, what lies deeper is not", () => {
    const nested = (levels: number): unknown => (levels === 0 ? "x" : { in: nested(levels - 1) });
    expect(redactFields({ in: nested(8) })).toEqual({ in: nested(8) });
    expect(JSON.stringify(redactFields({ in: nested(9) }))).toContain('"in":"[…]"');
  });

  it("what comes twice is shown once, lists element by element, bytes by their number", () => {
    const again = { tries: 1 };
    const shown = redactFields({
      one: again,
      other: again,
      list: [1, "+447700900123", null],
      bytes: Buffer.from("abc"),
    });
    expect(shown).toEqual({
      one: { tries: 1 },
      other: "[…]",
      list: [1, "[redacted]", null],
      bytes: "[3 bytes]",
    });
  });

  it("a field called __proto__ is a field like others, and changes nothing", () => {
    const shown = redactFields(JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>);
    expect(Object.keys(shown)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
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
