import { describe, expect, it } from "vitest";
import { errorTable, rowOf } from "../../src/channels/cloud-api/error-table.ts";
import { graphError, isGraphError, problemOf } from "../../src/channels/cloud-api/errors.ts";

const now = Date.parse("2026-11-23T09:00:00Z");
const answered = (error: unknown, headers: Record<string, string> = {}, status = 400) =>
  graphError({ status, headers, body: { error } }, "send", now);
const elsewhere = (status: number, headers: Record<string, string> = {}) =>
  graphError({ status, headers, body: undefined }, "send", now);

describe("an answer of Graph's that is no success", () => {
  it("is what its code says, whatever the status, and quotes nothing of the answer", () => {
    const error = answered({ code: 131047, message: "canary" }, {}, 500);
    expect(error).toMatchObject({
      kind: "window_closed",
      code: 131047,
      operatorMessage: "send: the person last wrote more than 24 hours ago (Graph error 131047)",
      problem: {
        action: "use_template",
        reason: "window",
        says: "the person last wrote more than 24 hours ago",
      },
    });
    expect(error.retryAfterMs).toBeUndefined();
    expect(JSON.stringify(error)).not.toContain("canary");
  });

  it.each([
    [132069, 3_600_000],
    [133015, 300_000],
    [134101, 600_000],
    [130429, undefined],
  ])("%i waits %j ms, unless the answer says how long", (code, wait) => {
    expect(answered({ code }).retryAfterMs).toBe(wait);
    expect(answered({ code }, { "retry-after": "7" }).retryAfterMs).toBe(7000);
  });

  it("has its code as a number or as digits; anything else is no code", () => {
    expect(answered({ code: "131056" })).toMatchObject({ kind: "throttled", code: 131056 });
    for (const code of ["x", 1.5, null, {}, undefined]) {
      expect(answered({ code })).toMatchObject({ kind: "ambiguous", code: 400 });
    }
  });

  it("is about the settings or the message, as its subcode says", () => {
    const settings = answered({ code: 100, error_subcode: 33 });
    expect([settings.kind, settings.problem?.reason]).toEqual(["config", "settings"]);
    for (const subcode of [undefined, 34, "33"]) {
      expect(answered({ code: 100, error_subcode: subcode }).problem?.reason).toBe("payload");
    }
    expect(problemOf(100, 33)).toMatchObject({ action: "stop_channel", reason: "settings" });
  });

  it("with a code that nobody knows may have gone out", () => {
    expect(answered({ code: 999_999 })).toMatchObject({
      kind: "ambiguous",
      problem: {
        action: "unknown",
        reason: "unknown",
        says: "WhatsApp gave a reason that is not known here",
      },
    });
  });

  it("is Graph's when it carries an error object", () => {
    expect(isGraphError({ error: {} })).toBe(true);
    for (const body of [undefined, {}, { error: "no" }, { error: null }])
      expect(isGraphError(body)).toBe(false);
  });
});

describe("an answer from between us and Graph", () => {
  it.each([
    [400, "ambiguous", "send: the answer (400) is not Graph's"],
    [409, "ambiguous", "send: the answer (409) is not Graph's"],
    [410, "ambiguous", "send: the answer (410) is not Graph's"],
    [404, "config", "send: not found (404), and not by Graph; look at graphUrl and graphVersion"],
    [401, "auth", "send: the server answered 401"],
    [403, "auth", "send: the server answered 403"],
    [302, "config", "send: the server answered 302"],
    [500, "ambiguous", "send: the server answered 500"],
    [503, "unavailable", "send: the server answered 503"],
  ])("%i is %s", (status, kind, operatorMessage) => {
    expect(elsewhere(status)).toMatchObject({ kind, operatorMessage, code: status });
  });

  it("that asks for a while gets it", () => {
    expect(elsewhere(429, { "retry-after": "20" })).toMatchObject({
      kind: "throttled",
      retryAfterMs: 20_000,
    });
  });
});

describe("the row of a code", () => {
  it("has the ends of each range and nothing beside them", () => {
    for (const code of [200, 250, 299, 133008, 133009, 133010])
      expect(rowOf(code).reason).not.toBe("unknown");
    for (const code of [199, 300, 133007, 133011]) expect(rowOf(code).reason).toBe("unknown");
    expect(rowOf(250).reason).toBe("token");
    expect(rowOf(133009).reason).toBe("registration");
  });

  it("is one only, unless a subcode tells two apart", () => {
    const codes = errorTable.flatMap((row) => (row.subcode === undefined ? row.codes : [])).flat();
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("says of each refusal about the person, the message or the template that it is final", () => {
    const final = errorTable.filter(({ kind }) => kind === "rejected" || kind === "window_closed");
    const actions = [
      "dead_letter",
      "mark_person",
      "wait_a_day",
      "stop_template",
      "drop_file",
      "use_template",
    ];
    for (const { action } of final) expect(actions).toContain(action);
    for (const row of errorTable.filter((one) => !final.includes(one)))
      expect(actions).not.toContain(row.action);
  });
});
