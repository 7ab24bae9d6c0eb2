import { describe, expect, it } from "vitest";
import { hmac, safeEqual, type TimedSignature, verifyHmac, verifyTimedHmac } from "../../src/sdk/index.ts";

const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
const now = Date.parse("2026-11-23T09:00:00Z");
const body = Buffer.from('{"text":"Zoë"}');
const secondsAt = (time: number) => `${Math.floor(time / 1000)}`;

/** As the owner of `secret` signs the body at `time`. */
function signed(secret: string, time = secondsAt(now)): TimedSignature {
  return { time, body, signature: hmac(secret, `${time}.${body.toString()}`, format), now };
}

describe("a signature over time and body", () => {
  it("is true of each secret, so that one may follow another", () => {
    for (const secret of ["old", "new"])
      expect(verifyTimedHmac(["new", "old"], signed(secret), format)).toBe(true);
    expect(verifyTimedHmac(["new", "old"], signed("other"), format)).toBe(false);
  });

  it.each([
    [-300_000, true],
    [-301_000, false],
    [300_000, true],
    [301_000, false],
  ])("P21: %i ms from now is accepted: %s", (difference, isAccepted) => {
    expect(verifyTimedHmac(["s"], signed("s", secondsAt(now + difference)), format)).toBe(isAccepted);
  });

  it("P21: is none over another body, another time, or the body alone", () => {
    const good = signed("s");
    const others = [
      { ...good, body: Buffer.from('{"text":"Zoe"}') },
      { ...good, time: secondsAt(now - 1000) },
      { ...good, signature: hmac("s", body, format) },
      { ...good, signature: good.signature?.slice("sha256=".length) },
      { ...good, signature: undefined },
    ];
    for (const other of others) expect(verifyTimedHmac(["s"], other, format)).toBe(false);
  });

  it.each(["", "soon", "1e9", "-1", " 1795424400", "1795424400 ", "1795424400\n", "1795424400000000"])(
    "P21: is none with the time %j, whoever signed it",
    (time) => expect(verifyTimedHmac(["s"], signed("s", time), format)).toBe(false),
  );

  it("P21: is none without a time, and none without secrets", () => {
    expect(verifyTimedHmac(["s"], { ...signed("s"), time: undefined }, format)).toBe(false);
    expect(verifyTimedHmac([], signed("s"), format)).toBe(false);
    expect(verifyTimedHmac([""], signed(""), format)).toBe(false);
  });
});

describe("a signature over the body alone", () => {
  const plain = { algorithm: "sha1", encoding: "base64" } as const;

  it("has no name before it where the format has none", () => {
    // RFC 4231, test case 2.
    expect(hmac("Jefe", "what do ya want for nothing?", { algorithm: "sha256", encoding: "hex" })).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
    // RFC 2202, in base64.
    expect(hmac("Jefe", "what do ya want for nothing?", plain)).toBe("7/zfauXrL6LSdBbV8YTfnCWafHk=");
  });

  it("is none where nothing was signed or no secret is known", () => {
    expect(verifyHmac(["s"], body, undefined, plain)).toBe(false);
    expect(verifyHmac(["s"], body, "", plain)).toBe(false);
    expect(verifyHmac([], body, hmac("s", body, plain), plain)).toBe(false);
    expect(verifyHmac(["", "s"], body, hmac("", body, plain), plain)).toBe(false);
    expect(verifyHmac(["", "s"], body, hmac("s", body, plain), plain)).toBe(true);
  });
});

it("two texts are equal when all their bytes are", () => {
  expect(safeEqual("Zoë", "Zoë")).toBe(true);
  expect(safeEqual("", "")).toBe(true);
  expect(safeEqual("Zoe", "Zoë")).toBe(false);
  expect(safeEqual("abc", "abd")).toBe(false);
  expect(safeEqual("abc", "abcd")).toBe(false);
});
