import { expect, test } from "vitest";
import { listTemplates, readTemplate, variablesOf } from "../../src/channels/cloud-api/templates.ts";
import { PluginError } from "../../src/sdk/index.ts";

const least = { name: "one", language: "en" };

test("of a template that says little is told what is certain", () => {
  expect(readTemplate(least)).toEqual([
    {
      name: "one",
      language: "en",
      status: "UNKNOWN",
      category: "UNKNOWN",
      header: [],
      body: [],
      buttons: [],
      alsoNeeds: [],
    },
  ]);
});

test.each([{}, { name: "one" }, { language: "en" }, { name: " ", language: "en" }])("%j is none", (given) => {
  expect(readTemplate(given)).toEqual([]);
});

test("large letters and small ones mean the same", () => {
  const components = [
    { type: "header", format: "Image" },
    { type: "body", text: "Hello {{name}}" },
    { type: "footer", text: "{{not_ours}}" },
    { type: "buttons", buttons: [{ type: "quick_reply" }, { type: "url", url: "https://a.example/{{1}}" }] },
  ];
  const given = { ...least, status: "approved", category: "marketing", components };
  expect(readTemplate(given)).toEqual([
    {
      ...least,
      status: "APPROVED",
      category: "MARKETING",
      header: [],
      headerMedia: "image",
      body: ["name"],
      buttons: [
        { type: "quick_reply", index: 0 },
        { type: "url", index: 1 },
      ],
      alsoNeeds: [],
    },
  ]);
});

const needs = (...components: object[]) => readTemplate({ ...least, components })[0]?.alsoNeeds;

test.each<[object[], string[]]>([
  [[{ type: "HEADER" }], []],
  [[{ type: "HEADER", format: "TEXT", text: "{{1}}" }], []],
  [[{ type: "HEADER", format: "DOCUMENT" }], []],
  [[{ type: "HEADER", format: "LOCATION" }], ["a header of the kind location"]],
  [[{ type: "BODY", format: "LOCATION" }], []],
  [[{ type: "LIMITED_TIME_OFFER" }], ["the end of a limited-time offer"]],
  [[{ type: "CAROUSEL" }], ["the cards of a carousel"]],
  [
    [{ type: "BUTTONS", buttons: [{ type: "FLOW" }, { type: "SPM" }, { type: "mpm" }, {}] }],
    ["the product of button 1", "the products of button 2"],
  ],
  [[{ type: "CAROUSEL" }, { type: "BUTTONS", buttons: "odd" }, {}], ["the cards of a carousel"]],
])("what %j needs besides text is %j", (components, expected) => {
  expect(needs(...components)).toEqual(expected);
});

test.each<[unknown, string[]]>([
  ["{{1}} {{2}} {{1}}", ["1", "2"]],
  ["{{ first_name }}", ["first_name"]],
  ["{{a b}} {{}} { {1}} {{{1}}}", ["1"]],
  ["{{2}}{{1}}", ["2", "1"]],
  ["none", []],
  [undefined, []],
  [7, []],
])("the variables of %j are %j", (text, expected) => {
  expect(variablesOf(text)).toEqual(expected);
});

/** The pages of an account, and how they were asked for. */
async function listed(pages: (after: string | undefined) => object) {
  const asked: { path: string[]; query?: Record<string, string> }[] = [];
  const graph = {
    request: async (request: (typeof asked)[number]) => {
      asked.push(request);
      return pages(request.query?.["after"]);
    },
  };
  return { found: await listTemplates(graph as never, "20001"), asked };
}

test("pages are asked for by cursor until there is no next one", async () => {
  const { found, asked } = await listed((after) => ({
    data: [{ ...least, name: `after ${after}` }],
    paging: { cursors: { after: after ? "b" : "a" }, ...(after ? {} : { next: "https://x.example" }) },
  }));
  expect(found.map(({ name }) => name)).toEqual(["after undefined", "after a"]);
  const fields = "name,language,status,category,components";
  expect(asked).toMatchObject([
    { method: "GET", path: ["20001", "message_templates"], query: { fields, limit: "100" } },
    { method: "GET", path: ["20001", "message_templates"], query: { fields, limit: "100", after: "a" } },
  ]);
  expect(asked[0]?.query).not.toHaveProperty("after");
});

test.each([{}, { paging: {} }, { paging: { next: "x" } }, { paging: { next: "x", cursors: { after: "" } } }])(
  "an answer with %j is the last page",
  async (answer) => {
    expect((await listed(() => ({ data: [least], ...answer }))).asked).toHaveLength(1);
  },
);

test("pages in circles, or without an end, are a fault that passes, told in words", async () => {
  const paging = (after: string) => ({ paging: { next: "x", cursors: { after } } });
  let asked = 0;
  const endless = listed(() => paging(String(asked++)));
  const error = await endless.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PluginError);
  expect(error).toMatchObject({ kind: "unavailable" });
  expect((error as PluginError).operatorMessage).toBe(
    "list the templates: Graph's pages do not come to an end",
  );
  expect(asked).toBe(1000);
  asked = 0;
  const circle = listed(() => {
    asked++;
    return paging("same");
  });
  await expect(circle).rejects.toMatchObject({ kind: "unavailable" });
  expect(asked).toBe(2);
});
