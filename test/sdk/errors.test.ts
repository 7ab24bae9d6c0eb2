import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorKinds } from "../../src/sdk/errors.ts";
import { fromHttpResponse, PluginError, parseRetryAfter } from "../../src/sdk/index.ts";

const now = Date.parse("2026-11-23T09:00:00Z");
const HOUR = 3_600_000;
const anyStatus = fc.integer({ min: 100, max: 599 });

/** The kind of a status, as reliability wants it: written down here once more, by its ranges. */
const ranges: [first: number, last: number, kind: string][] = [
  [100, 199, "rejected"],
  [200, 299, "ambiguous"],
  [300, 399, "config"],
  [400, 400, "rejected"],
  [401, 401, "auth"],
  [402, 402, "rejected"],
  [403, 403, "auth"],
  [404, 404, "not_found"],
  [405, 408, "rejected"],
  [409, 409, "conflict"],
  [410, 410, "not_found"],
  [411, 428, "rejected"],
  [429, 429, "throttled"],
  [430, 499, "rejected"],
  [500, 502, "ambiguous"],
  [503, 503, "unavailable"],
  [504, 599, "ambiguous"],
];

describe("an answer's status", () => {
  it.each(ranges)("from %i to %i is %s", (first, last, kind) => {
    for (let status = first; status <= last; status += 1) {
      expect(fromHttpResponse({ status, headers: {} }, "create ticket", now)).toMatchObject({
        kind,
        code: status,
      });
    }
  });

  it("makes an error that names what was done and the status, and nothing that the other side wrote", () => {
    const error = fromHttpResponse(
      { status: 429, headers: { "retry-after": "7", server: "canary" } },
      "find",
      now,
    );
    expect(error).toMatchObject({
      name: "PluginError",
      message: "find: the server answered 429",
      operatorMessage: "find: the server answered 429",
      retryAfterMs: 7000,
      isLocal: false,
    });
    expect(JSON.stringify(error)).not.toContain("canary");
    expect(fromHttpResponse({ status: 429, headers: {} }, "find", now).retryAfterMs).toBeUndefined();
  });

  it("never says of a server's fault, or of a success that cannot be read, that nothing happened", () => {
    fc.assert(
      fc.property(anyStatus, (status) => {
        const { kind, retryable } = fromHttpResponse({ status, headers: {} }, "create", now);
        const mayHaveHappened = (status >= 500 && status !== 503) || (status >= 200 && status < 300);
        expect(kind === "ambiguous").toBe(mayHaveHappened);
        if (mayHaveHappened) expect(retryable).toBe(true);
      }),
    );
  });
});

describe("an error of a plugin", () => {
  it("is tried again or not by its kind alone", () => {
    const retried = errorKinds.filter((kind) => new PluginError({ kind, operatorMessage: "" }).retryable);
    expect(retried).toEqual(["config", "auth", "throttled", "unavailable", "ambiguous"]);
    expect(errorKinds).toHaveLength(10);
  });

  it("keeps what it was made of", () => {
    const cause = new Error("before");
    const problem = { action: "retry", reason: "throttle", says: "too much" } as const;
    const error = new PluginError({
      kind: "throttled",
      operatorMessage: "wait",
      cause,
      problem,
      isLocal: true,
    });
    expect(error).toMatchObject({ cause, problem, isLocal: true, message: "wait" });
    expect("cause" in new PluginError({ kind: "bug", operatorMessage: "x" })).toBe(false);
  });
});

describe("Retry-After", () => {
  it("in seconds is those, an hour at most", () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom("", " ", "\t"), (seconds, space) => {
        expect(parseRetryAfter(`${space}${seconds}${space}`, now)).toBe(Math.min(seconds * 1000, HOUR));
      }),
    );
  });

  it("as a date is the time until then, by our clock", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (seconds) => {
        const date = new Date(now + seconds * 1000).toUTCString();
        expect(parseRetryAfter(date, now)).toBe(Math.min(seconds * 1000, HOUR));
      }),
    );
    expect(parseRetryAfter(new Date(now - 1000).toUTCString(), now)).toBeUndefined();
    // Not as the RFC wants them, but dates that begin or end with digits.
    const soon = new Date(now + 5000);
    expect(parseRetryAfter(soon.toISOString(), now)).toBe(5000);
    expect(parseRetryAfter(soon.toUTCString().replace("GMT", "+0000"), now)).toBe(5000);
  });

  it.each([undefined, "", " ", "soon", "-1", "-5 ", "NaN", "Infinity", "1e", "--", "- 1 Jan 2030"])(
    "%j is none",
    (value) => expect(parseRetryAfter(value, now)).toBeUndefined(),
  );

  it("whatever it says is a wait between nothing and an hour, or none", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9.eE :,A-Za-z]{0,30}$/));
    fc.assert(
      fc.property(text, (value) => {
        const wait = parseRetryAfter(value, now);
        expect(wait === undefined || (wait >= 0 && wait <= HOUR)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
