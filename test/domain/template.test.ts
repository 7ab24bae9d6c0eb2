import { expect, test } from "vitest";
import type { TemplateMessage } from "../../src/domain/outbound.ts";
import { describeParameters, type TemplateInfo, templateProblems } from "../../src/domain/template.ts";

function info(more: Partial<TemplateInfo> = {}): TemplateInfo {
  return {
    name: "solved",
    language: "en",
    status: "APPROVED",
    category: "UTILITY",
    header: [],
    body: ["1", "2"],
    buttons: [],
    alsoNeeds: [],
    ...more,
  };
}

function message(more: Partial<TemplateMessage> = {}): TemplateMessage {
  return { name: "solved", language: "en", body: ["pump", "7"], ...more };
}

const named = info({ body: ["first_name", "case"] });
const rich = info({
  header: ["1"],
  buttons: [
    { type: "url", index: 0 },
    { type: "quick_reply", index: 1 },
  ],
});
const url = { type: "url" as const, index: 0, value: "7" };
const withPhoto = info({
  headerMedia: "image",
  buttons: [
    { type: "copy_code", index: 0 },
    { type: "flow", index: 1 },
  ],
});
const photo = { type: "image" as const, link: "https://example.org/a.png" };
const code = { type: "copy_code" as const, index: 0, value: "7" };

test.each<[string, TemplateMessage, TemplateInfo[]]>([
  ["numbered parameters", message(), [info()]],
  ["named ones in any order", message({ body: { case: "7", first_name: "Ana" } }), [named]],
  ["none, given as nothing", { name: "solved", language: "en" }, [info({ body: [] })]],
  ["none, given as an empty list", message({ body: [] }), [info({ body: [] })]],
  ["none, given as an empty object", message({ body: {} }), [info({ body: [] })]],
  ["header and address", message({ header: "#7", buttons: [url] }), [rich]],
  [
    "a quick reply's payload too",
    message({ header: "#7", buttons: [url, { type: "quick_reply", index: 1, value: "ok" }] }),
    [rich],
  ],
  ["a file and a code", message({ headerMedia: photo, buttons: [code] }), [withPhoto]],
  [
    "a form's token too",
    message({ headerMedia: photo, buttons: [code, { type: "flow", index: 1, value: "token" }] }),
    [withPhoto],
  ],
  ["the right language among several", message(), [info({ language: "es", body: [] }), info()]],
])("P14: a message fits with %s", (_what, given, account) => {
  expect(templateProblems(given, account)).toEqual([]);
});

test.each<[string, TemplateMessage, TemplateInfo[], RegExp]>([
  [
    "an unknown name",
    message({ name: "sovled" }),
    [info()],
    /^the account has no template sovled: .*correct/,
  ],
  [
    "another language",
    message({ language: "en_GB" }),
    [info(), info({ language: "es" })],
    /only in en, es: /,
  ],
  ["too few", message({ body: ["pump"] }), [info()], /takes 2 numbered parameters in its body .* given 1/],
  ["too many", message({ body: ["a", "b", "c"] }), [info()], /takes 2 numbered .* given 3 in a list/],
  ["some where there are none", message(), [info({ body: [] })], /takes no parameters in its body/],
  ["none", { name: "solved", language: "en" }, [info()], /takes 2 .* is given none/],
  ["none of the named", { name: "solved", language: "en" }, [named], /first_name, case .* is given none/],
  ["a list for names", message(), [named], /takes the parameters first_name, case .* given 2 in a list/],
  ["another name", message({ body: { first_name: "A", no: "7" } }), [named], /is given first_name, no:/],
  [
    "names for numbers",
    message({ body: { "1": "a", "2": "b" } }),
    [info()],
    /takes 2 numbered .* given 1, 2:/,
  ],
  ["no header", message({ buttons: [url] }), [rich], /takes 1 numbered parameter in its header .* none/],
  ["a header too many", message({ header: "#7" }), [info()], /takes no parameters in its header/],
  ["no code", message({ headerMedia: photo }), [withPhoto], /needs a copy_code value for its button 0/],
  ["no file", message({ buttons: [code] }), [withPhoto], /takes image in its header and is given none/],
  [
    "another file",
    message({ headerMedia: { ...photo, type: "video" }, buttons: [code] }),
    [withPhoto],
    /takes image in its header and is given video/,
  ],
  [
    "a file too many",
    message({ headerMedia: photo }),
    [info()],
    /takes no file in its header and is given image/,
  ],
  ["no value for an address", message({ header: "#7" }), [rich], /needs a url value for its button 0/],
  [
    "a value for a fixed address",
    message({ buttons: [url] }),
    [info()],
    /takes no url value for its button 0/,
  ],
  [
    "a photo",
    message(),
    [info({ alsoNeeds: ["a header of the kind location"] })],
    /needs a header of the kind location/,
  ],
])("P14: a message with %s is refused, with the remedy", (_what, given, account, problem) => {
  const problems = templateProblems(given, account);
  expect(problems).toEqual([expect.stringMatching(problem)]);
  expect(problems[0]).not.toMatch(/pump|Ana/);
});

test.each(["PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "UNKNOWN"])(
  "P15: a template that is %s is not taken for approved",
  (status) => {
    expect(templateProblems(message(), [info({ status })])).toEqual([
      expect.stringContaining(`the template solved (en) is ${status}, and only approved ones can be sent`),
    ]);
  },
);

test("the parameters of a template are told in one line", () => {
  expect(describeParameters(rich)).toBe("header {{1}}, body {{1}} {{2}}, url button 0, quick_reply button 1");
  expect(describeParameters(info({ body: [] }))).toBe("no parameters");
  expect(describeParameters(withPhoto)).toBe(
    "image in the header, body {{1}} {{2}}, copy_code button 0, flow button 1",
  );
  expect(describeParameters(info({ body: ["case"], alsoNeeds: ["a header of the kind location"] }))).toBe(
    "body {{case}}, a header of the kind location",
  );
});
