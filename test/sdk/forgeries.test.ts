import { describe, expect, it } from "vitest";
import { forgeries } from "../../src/sdk/testing/forgeries.ts";

const request = {
  headers: { "x-signature": "abc", "x-hmac": "ab0", "content-type": "text/plain", "x-digest": undefined },
  query: { a: "b" },
  body: Buffer.from('{"a":1}'),
};
const all = () => forgeries(request);

describe("what somebody can send who has no secret", () => {
  it("is each of these and nothing else", () => {
    expect(Object.keys(all())).toEqual([
      "no signature",
      "no header at all",
      "an empty body",
      "a blank behind the body",
      "one bit of the body changed",
      "the body written anew",
      "x-signature with another end",
      "x-signature cut short",
      "x-signature empty",
      "x-hmac with another end",
      "x-hmac cut short",
      "x-hmac empty",
    ]);
  });

  it("keeps the query, and in most cases the body", () => {
    for (const forged of Object.values(all())) expect(forged.query).toEqual({ a: "b" });
    expect(all()["no signature"]?.body).toEqual(request.body);
    expect(all()["x-hmac empty"]?.body).toEqual(request.body);
  });

  it.each([
    ["no signature", { "content-type": "text/plain" }],
    ["no header at all", {}],
    ["x-signature with another end", { ...request.headers, "x-signature": "ab0" }],
    ["x-hmac with another end", { ...request.headers, "x-hmac": "ab1" }],
    ["x-signature cut short", { ...request.headers, "x-signature": "ab" }],
    ["x-signature empty", { ...request.headers, "x-signature": "" }],
    ["an empty body", request.headers],
  ])("has these headers: %s", (name, headers) => {
    expect(all()[name]?.headers).toEqual(headers);
  });

  it.each([
    ["an empty body", ""],
    ["a blank behind the body", '{"a":1} '],
    ["one bit of the body changed", '{"a#:1}'],
    ["the body written anew", '{\n "a": 1\n}'],
  ])("has this body: %s", (name, body) => {
    expect(all()[name]?.body.toString()).toBe(body);
    expect(request.body.toString()).toBe('{"a":1}');
  });

  it("writes a body that is no JSON as a text", () => {
    const forged = forgeries({ ...request, body: Buffer.from("a=1") })["the body written anew"];
    expect(forged?.body.toString()).toBe('"a=1"');
  });

  it.each(["X-Signature", "x-hmac", "Digest", "Authorization", "x-token", "secret"])(
    "takes %s for a signature",
    (name) => {
      expect(forgeries({ ...request, headers: { [name]: "v" } })["no signature"]?.headers).toEqual({});
    },
  );
});
