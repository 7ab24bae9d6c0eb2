import { expect, test } from "vitest";
import { checkTemplate } from "../../src/sandbox/graph/check-template.ts";
import type { GraphTemplate, TemplateComponent } from "../../src/sandbox/graph/settings.ts";
import { createTemplates } from "../../src/sandbox/graph/templates.ts";

function known(components: TemplateComponent[], own: Partial<GraphTemplate> = {}) {
  const template: GraphTemplate = {
    name: "news",
    language: "en",
    status: "APPROVED",
    category: "UTILITY",
    parameter_format: "POSITIONAL",
    components,
    ...own,
  };
  return {
    templates: createTemplates([template]),
    media: { get: () => undefined } as never,
    phoneNumberId: "1",
  };
}

const send = (...components: object[]) => ({ name: "news", language: { code: "en" }, components });
const text = (value: string) => ({ type: "text", text: value });
const part = (type: string, ...parameters: object[]) => ({ type, parameters });
const BODY: TemplateComponent = { type: "BODY", text: "Hello {{1}}." };
const needed = { code: 131008, details: "template.name and template.language.code are required" };
const unfit = (name: string) => ({
  code: 132012,
  details: `body: parameter ${name}: Param text cannot be empty, have new-line/tab characters or more than 4 consecutive spaces`,
});
const unnamed = { code: 132012, details: "body: Parameter name is missing or not part of the template" };
const count = (where: string, sent: number, wanted: number) => ({
  code: 132000,
  details: `${where}: number of localizable_params (${sent}) does not match the expected number of params (${wanted})`,
});

test.each<[what: string, components: TemplateComponent[], given: object, text: string]>([
  ["of nothing", [], send(), ""],
  ["of a body", [{ type: "BODY", text: "Hello" }], send(), "Hello"],
  ["with a value", [BODY], send(part("body", text("Ana"))), "Hello Ana."],
  ["with its part in capitals", [BODY], send(part("BODY", text("Ana"))), "Hello Ana."],
  ["with four spaces in a row", [BODY], send(part("body", text("a    b"))), "Hello a    b."],
  [
    "with a head",
    [{ type: "HEADER", format: "TEXT", text: "On {{1}}" }, BODY, { type: "FOOTER", text: "no-reply" }],
    send(part("body", text("Ana")), part("header", text("#7"))),
    "On #7\nHello Ana.",
  ],
  [
    "with a head of no kind",
    [
      { type: "HEADER", text: "News" },
      { type: "BODY", text: "Hi" },
    ],
    send(),
    "News\nHi",
  ],
  [
    "with money",
    [BODY],
    send(part("body", { type: "currency", currency: { fallback_value: "€ 4" } })),
    "Hello € 4.",
  ],
  [
    "with a date",
    [BODY],
    send(part("body", { type: "date_time", date_time: { fallback_value: "Monday" } })),
    "Hello Monday.",
  ],
  [
    "with a place",
    [{ type: "HEADER", format: "LOCATION" }],
    send(part("header", { type: "location", location: { latitude: 1 } })),
    "[location]",
  ],
  [
    "with a picture",
    [
      { type: "HEADER", format: "IMAGE" },
      { type: "BODY", text: "Hi" },
    ],
    send(part("header", { type: "image", image: { link: "https://a.example/i.png" } })),
    "[image]\nHi",
  ],
  ["of 1,084 letters", [BODY], send(part("body", text("x".repeat(1077)))), `Hello ${"x".repeat(1077)}.`],
])("a template %s reads as its parts, filled in, a line each", (_what, components, given, read) => {
  expect(checkTemplate({ ...given }, known(components))).toMatchObject({
    text: read,
    template: { name: "news" },
  });
});

test.each<[what: string, components: TemplateComponent[], given: object, refusal: object]>([
  ["no name", [], { language: { code: "en" } }, needed],
  ["no language", [], { name: "news" }, needed],
  [
    "a language that it is not in",
    [],
    { name: "news", language: { code: "fr" } },
    { code: 132001, details: "template name (news) does not exist in fr" },
  ],
  ["a value too few", [BODY], send(), count("body", 0, 1)],
  ["a value too many", [BODY], send(part("body", text("a"), text("b"))), count("body", 2, 1)],
  ["no value for its head", [{ type: "HEADER", text: "{{1}}" }], send(), count("header", 0, 1)],
  ["an empty value", [BODY], send(part("body", text(""))), unfit("1")],
  ["a line break", [BODY], send(part("body", text("a\nb"))), unfit("1")],
  ["a carriage return", [BODY], send(part("body", text("a\rb"))), unfit("1")],
  ["a tab", [BODY], send(part("body", text("a\tb"))), unfit("1")],
  ["five spaces in a row", [BODY], send(part("body", text("a     b"))), unfit("1")],
  ["a value of no kind", [BODY], send(part("body", { text: "a" })), unfit("1")],
  [
    "a value of another kind",
    [BODY],
    send(part("body", { type: "image", image: { fallback_value: "a" } })),
    unfit("1"),
  ],
  [
    "1,085 letters",
    [BODY],
    send(part("body", text("x".repeat(1078)))),
    { code: 132005, details: "body: translated text exceeds 1024 characters" },
  ],
])("a template sent with %s is refused", (_what, components, given, refusal) => {
  expect(checkTemplate({ ...given }, known(components))).toEqual(refusal);
});

test.each<[status: GraphTemplate["status"], code: number, details: string]>([
  ["PAUSED", 132015, "template (news) is paused"],
  ["DISABLED", 132016, "template (news) is disabled"],
  ["PENDING", 132001, "template name (news) does not exist in en"],
  ["REJECTED", 132001, "template name (news) does not exist in en"],
])("a template that is %s is refused with %i", (status, code, details) => {
  expect(checkTemplate(send(), known([], { status }))).toEqual({ code, details });
});

const NAMED: TemplateComponent[] = [{ type: "BODY", text: "{{first}} {{last}}" }];
const named = (name: string | undefined, value: string) => ({ ...text(value), parameter_name: name });

test("named values are filled in by name, in any order", () => {
  const given = send(part("body", named("last", "Smith"), named("first", "Ana")));
  expect(checkTemplate(given, known(NAMED, { parameter_format: "NAMED" }))).toMatchObject({
    text: "Ana Smith",
  });
});

test.each([["middle"], [undefined], [""]])("a value named %j is not part of the template", (name) => {
  const given = send(part("body", named("first", "Ana"), named(name, "Smith")));
  expect(checkTemplate(given, known(NAMED, { parameter_format: "NAMED" }))).toEqual(unnamed);
});

test("a named value that does not fit is told by its name", () => {
  const given = send(part("body", named("first", "Ana"), named("last", "\n")));
  expect(checkTemplate(given, known(NAMED, { parameter_format: "NAMED" }))).toEqual(unfit("last"));
});

const image = { type: "image", image: { link: "https://a.example/i.png" } };

test.each<[what: string, parameters: object[], received: string]>([
  ["no file", [], "undefined"],
  ["two files", [image, image], "image"],
  ["a file of another kind", [{ type: "video", image: image.image }], "video"],
  ["an empty file", [{ type: "image", image: {} }], "image"],
])("a head that wants a picture is refused with %s", (_what, parameters, received) => {
  const given = send(part("header", ...parameters));
  expect(checkTemplate(given, known([{ type: "HEADER", format: "IMAGE" }]))).toEqual({
    code: 132012,
    details: `header: Format mismatch, expected IMAGE, received ${received}`,
  });
});

test("a head's picture is checked like every file", () => {
  const given = send(part("header", { type: "image", image: { id: "9" } }));
  expect(checkTemplate(given, known([{ type: "HEADER", format: "IMAGE" }]))).toEqual({
    code: 131009,
    details: "image.id 9 is no file of this business number.",
  });
});

const BUTTONS: TemplateComponent[] = [
  {
    type: "BUTTONS",
    buttons: [
      { type: "QUICK_REPLY", text: "Yes" },
      { type: "URL", text: "Open", url: "https://a.example/{{1}}" },
      { type: "URL", text: "Home", url: "https://a.example/" },
    ],
  },
];
const press = (index: unknown, kind: string, ...parameters: object[]) => ({
  type: "button",
  sub_type: kind,
  index,
  parameters,
});
const absent = (index: string) => ({
  code: 132012,
  details: `button at index ${index} is not part of the template`,
});
const valueless = {
  code: 131008,
  details: "buttons: Button at index 1 of type Url requires a parameter",
};

test.each<[what: string, buttons: object[], answer: object]>([
  ["its value", [press("1", "url", text("7"))], { text: "" }],
  ["its index as a number", [press(1, "URL", text("7"))], { text: "" }],
  ["another button's payload too", [press("1", "url", text("7")), press("0", "quick_reply")], { text: "" }],
  ["nothing", [], valueless],
  ["no value", [press("1", "url")], valueless],
  ["two values", [press("1", "url", text("7"), text("8"))], valueless],
  ["the value of another button", [press("2", "url", text("7"))], valueless],
  ["a button of another kind", [press("0", "url", text("7"))], absent("0")],
  ["a button that is not there", [press("3", "url", text("7"))], absent("3")],
])("a template with an address to fill in is judged by %s", (_what, buttons, answer) => {
  expect(checkTemplate(send(...buttons), known(BUTTONS))).toMatchObject(answer);
});
